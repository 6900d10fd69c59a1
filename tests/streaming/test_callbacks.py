from __future__ import annotations

import asyncio
import traceback

import pytest

from sagemaker_rt.errors import ServiceUnavailable
from sagemaker_rt.streaming.callbacks import run_callback


async def test_a_plain_function_is_called() -> None:
    seen = list[tuple[object, ...]]()

    await run_callback(lambda *args: seen.append(args), 1, "two")

    assert [(1, "two")] == seen


async def test_the_result_is_returned() -> None:
    assert 3 == await run_callback(lambda *args: len(args), 1, 2, 3)
    assert 3 == await run_callback(lambda: asyncio.sleep(0, 3))


async def test_an_awaitable_result_is_awaited() -> None:
    seen = list[object]()

    async def note(value: object) -> None:
        await asyncio.sleep(0)
        seen.append(value)

    await run_callback(note, 1)
    await run_callback(lambda value: asyncio.create_task(note(value)), 2)

    assert [1, 2] == seen


@pytest.mark.parametrize("error", [ValueError("no"), asyncio.CancelledError()])
async def test_exceptions_propagate_unchanged(
    error: BaseException,
) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await run_callback(fail)

    assert error is caught.value


async def test_an_error_of_another_call_becomes_a_cause() -> None:
    error = ServiceUnavailable("busy")

    def fail() -> None:
        raise error

    with pytest.raises(RuntimeError) as caught:
        await run_callback(fail)

    assert error is caught.value.__cause__
    assert "ServiceUnavailable" in str(caught.value)


async def test_a_traceback_does_not_show_the_arguments() -> None:
    def fail(chunk: bytes) -> None:
        del chunk
        raise KeyError

    with pytest.raises(KeyError) as caught:
        await run_callback(fail, b"a-secret")

    frames = traceback.walk_tb(caught.value.__traceback__)
    local = [
        frame.f_locals for frame, _ in frames if frame.f_code.co_name == "run_callback"
    ]
    assert "a-secret" not in repr(local)
