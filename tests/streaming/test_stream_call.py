from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import ServiceUnavailable
from sagemaker_rt.shapes import PayloadPart
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_call import StreamCall
from tests.streaming.bodies import (
    EVENTS,
    WHOLE,
    Body,
    part,
    stream_of,
    watching,
)


def call_of(body: Body) -> StreamCall:
    async def call() -> ResponseStream:
        await asyncio.sleep(0)
        return stream_of(body)

    return StreamCall(call())


async def test_a_call_can_be_awaited() -> None:
    body = Body(part(b"one"))

    stream = await call_of(body)

    assert [PayloadPart(b"one")] == [event async for event in stream]


async def test_a_call_can_be_used_in_async_with() -> None:
    body = Body(part(b"one"), None)

    async with call_of(body) as stream:
        assert PayloadPart(b"one") == await anext(stream)
        assert 0 == body.releases

    assert (1, True) == (body.releases, body.is_reader_done)


async def test_a_call_can_be_a_task() -> None:
    body = Body(part(b"one"))

    async with asyncio.TaskGroup() as group:
        task = group.create_task(call_of(body))

    assert [PayloadPart(b"one")] == [event async for event in task.result()]


async def test_a_failed_call_has_no_stream_to_close() -> None:
    async def call() -> ResponseStream:
        raise ServiceUnavailable

    with pytest.raises(ServiceUnavailable):
        async with StreamCall(call()):
            raise AssertionError


async def test_a_call_can_be_cancelled_as_a_task() -> None:
    is_cancelled = False

    async def call() -> ResponseStream:
        nonlocal is_cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            is_cancelled = True
            raise
        raise AssertionError

    task = asyncio.create_task(StreamCall(call()))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_cancelled


async def test_a_call_can_be_made_only_once() -> None:
    call = call_of(Body())
    await call

    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        await call


async def test_a_call_can_be_closed_before_it_began() -> None:
    """Otherwise Python would warn that it was never awaited."""
    call = call_of(Body())

    call.close()

    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        await call


async def test_a_call_can_be_handled() -> None:
    body, seen = Body(WHOLE), list[object]()

    output = await call_of(body).handle(watching(seen))

    assert list(EVENTS) == seen
    assert "text/plain" == output.content_type
    assert 1 == body.releases


async def test_another_object_than_a_handler_is_refused_before_the_call() -> None:
    is_called = False

    async def call() -> ResponseStream:
        nonlocal is_called
        is_called = True
        return stream_of(Body())

    with pytest.raises(TypeError, match="ResponseStreamHandler"):
        await StreamCall(call()).handle(None)  # type: ignore[arg-type] # must be refused

    assert not is_called


async def test_a_call_is_not_iterable_itself() -> None:
    is_called = False

    async def call() -> ResponseStream:
        nonlocal is_called
        is_called = True
        return stream_of(Body())

    with pytest.raises(TypeError, match="async with"):
        async for _ in StreamCall(call()):  # type: ignore[attr-defined] # what is tested
            pass

    assert not is_called


async def test_a_repr_says_how_to_use_the_call() -> None:
    call = call_of(Body())

    assert "InvokeEndpointWithResponseStream" in repr(call)
    assert "await" in repr(call)
    call.close()
