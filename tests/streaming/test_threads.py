from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest

from sagemaker_rt.streaming.threads import wait_for_thread


async def test_the_result_is_awaited() -> None:
    running = asyncio.get_running_loop().run_in_executor(None, int)

    await wait_for_thread(running, limit=5)

    assert running.done()


async def test_the_wait_is_limited() -> None:
    may_end = threading.Event()
    running = asyncio.get_running_loop().run_in_executor(None, may_end.wait, 5)

    await wait_for_thread(running, limit=0)

    assert not running.done()
    may_end.set()
    await running


async def test_a_cancelled_future_has_no_exception() -> None:
    running = asyncio.get_running_loop().create_future()
    running.cancel()

    await wait_for_thread(running, limit=5)

    assert running.cancelled()


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_an_exception_is_not_logged(*, is_cancelled: bool) -> None:
    may_end, loop = threading.Event(), asyncio.get_running_loop()
    logged = list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: logged.append(context))

    def fail() -> None:
        may_end.wait(5)
        raise OSError

    running = loop.run_in_executor(None, fail)
    waiting = asyncio.create_task(wait_for_thread(running, limit=5))
    await asyncio.sleep(0)
    if is_cancelled:
        waiting.cancel()
    may_end.set()
    await asyncio.wait((waiting, running))
    assert is_cancelled is waiting.cancelled()
    del waiting, running
    gc.collect()

    assert [] == logged
