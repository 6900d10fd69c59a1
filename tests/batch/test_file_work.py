from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from threading import Event
from typing import Any

import pytest

from sagemaker_rt.batch.file_work import in_thread_to_end, opened


class Slow:
    """A function in a thread, which ends when it may; its result is itself."""

    def __init__(self) -> None:
        self.started, self.may_end = Event(), Event()
        self.is_done = self.is_closed = False

    def __call__(self, error: Exception | None = None) -> Slow:
        self.started.set()
        assert self.may_end.wait(60)
        self.is_done = True
        if error is not None:
            raise error
        return self

    def close(self) -> None:
        assert self.is_done
        self.is_closed = True


async def cancelled(slow: Slow, work: Awaitable[Any]) -> None:
    """Cancel *work* twice in its thread; let it end then."""
    task = asyncio.ensure_future(work)
    await asyncio.to_thread(slow.started.wait)
    for _ in range(2):
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=0)
        assert not done
    slow.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def use(slow: Slow) -> None:
    async with opened(slow):
        pytest.fail("the block must not run")


async def test_cancellation_waits_for_the_end_of_a_thread() -> None:
    slow = Slow()

    await cancelled(slow, in_thread_to_end(slow))

    assert slow.is_done


async def test_what_a_thread_opened_is_closed_although_the_caller_was_cancelled() -> (
    None
):
    slow = Slow()

    await cancelled(slow, use(slow))

    assert slow.is_closed


async def test_what_a_thread_opened_is_closed_at_the_end() -> None:
    slow = Slow()
    slow.may_end.set()

    async with opened(slow) as result:
        assert result is slow
        assert not slow.is_closed

    assert slow.is_closed


async def test_an_error_of_the_function_is_raised() -> None:
    slow = Slow()
    slow.may_end.set()

    with pytest.raises(OSError, match="full"):
        await in_thread_to_end(slow, OSError("full"))
    with pytest.raises(OSError, match="full"):
        async with opened(slow, OSError("full")):
            pytest.fail("the block must not run")

    assert not slow.is_closed


async def test_nothing_may_be_opened() -> None:
    async with opened(lambda: None) as result:
        assert result is None
