from __future__ import annotations

import asyncio
import traceback

import pytest

from sagemaker_rt.errors import ServiceUnavailable
from sagemaker_rt.streaming.callbacks import run


async def test_a_plain_function_is_called() -> None:
    seen = list[tuple[object, ...]]()

    await run(lambda *args: seen.append(args), 1, "two")

    assert [(1, "two")] == seen


async def test_what_a_function_returns_is_returned() -> None:
    assert 3 == await run(lambda *args: len(args), 1, 2, 3)
    assert 3 == await run(lambda: asyncio.sleep(0, 3))


async def test_what_can_be_awaited_is_awaited() -> None:
    seen = list[object]()

    async def note(value: object) -> None:
        await asyncio.sleep(0)
        seen.append(value)

    await run(note, 1)
    await run(lambda value: asyncio.create_task(note(value)), 2)

    assert [1, 2] == seen


@pytest.mark.parametrize("error", [ValueError("no"), asyncio.CancelledError()])
async def test_what_a_function_raises_comes_out_as_itself(
    error: BaseException,
) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await run(fail)

    assert error is caught.value


async def test_an_error_of_another_call_is_not_taken_for_one_of_this_call() -> None:
    error = ServiceUnavailable("busy")

    def fail() -> None:
        raise error

    with pytest.raises(RuntimeError) as caught:
        await run(fail)

    assert error is caught.value.__cause__
    text = "fail raised ServiceUnavailable, which is of another call"
    assert str(caught.value).endswith(text)


async def test_a_traceback_does_not_show_what_the_function_was_given() -> None:
    def fail(chunk: bytes) -> None:
        del chunk
        raise KeyError

    with pytest.raises(KeyError) as caught:
        await run(fail, b"a-secret")

    frames = traceback.walk_tb(caught.value.__traceback__)
    local = [frame.f_locals for frame, _ in frames if frame.f_code.co_name == "run"]
    assert "a-secret" not in repr(local)
