"""A stream in both directions, on a connection in memory.

``tests/stories/test_bidirectional_streams.py`` tests it over sockets.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    IncompleteOutputError,
    InvalidTextError,
    ModelStreamError,
    ParamValidationError,
    ResponseTooLargeError,
)
from sagemaker_rt.sansio.bidirectional_events import encode_event
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, encode_message
from sagemaker_rt.shapes import ResponsePayloadPart
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream
from sagemaker_rt.streaming.event_messages import MAX_MESSAGE_BYTES
from tests.streaming.duplex_doubles import Connection, stream_on

CLOSED = encode_message(
    {":message-type": "exception", ":exception-type": "ModelStreamError"},
    b'{"Message":"closed with code 1000"}',
)
PARTIAL: dict[str, Any] = {"data_type": "UTF8", "completion_state": "PARTIAL"}


async def test_padding_is_in_each_event() -> None:
    connection = Connection()
    async with stream_on(connection, padding=lambda: "ppp") as stream:
        await stream.send_bytes(b"x")

    outer, end = EventStreamDecoder().feed(b"".join(connection.written))
    (inner,) = EventStreamDecoder().feed(outer.payload)
    assert "ppp" == inner.headers["P"]
    assert b"" == end.payload
    assert connection.is_closed


async def test_a_stream_ends_once() -> None:
    stream = stream_on(Connection(encode_event(b"x")))

    assert [b"x"] == [event.bytes async for event in stream]  # type: ignore[union-attr] # a part
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    await stream.close_input()
    await stream.aclose()


async def test_a_message_must_be_complete_at_the_end() -> None:
    stream = stream_on(Connection(encode_event(b"x", **PARTIAL)))

    with pytest.raises(IncompleteOutputError) as caught:
        await anext(stream.messages())
    assert "Talk" == caught.value.operation


async def test_a_message_must_be_utf_8() -> None:
    stream = stream_on(Connection(encode_event(b"\xff", data_type="UTF8")))

    with pytest.raises(InvalidTextError):
        await anext(stream.messages())
    with pytest.raises(InvalidTextError):
        await anext(stream)


async def test_a_message_is_limited() -> None:
    half = bytes(MAX_MESSAGE_BYTES // 2 + 1)
    stream = stream_on(
        Connection(encode_event(half, **PARTIAL), encode_event(half, **PARTIAL))
    )

    with pytest.raises(ResponseTooLargeError):
        await anext(stream.messages())


@pytest.mark.parametrize("is_end", [True, False])
async def test_a_normal_close_is_an_end_or_an_error(*, is_end: bool) -> None:
    stream = stream_on(Connection(CLOSED), normal_close_ends_stream=is_end)

    with pytest.raises(StopAsyncIteration if is_end else ModelStreamError):
        await anext(stream)
    assert 1000 == stream.close_code
    assert isinstance(stream.close_error, ModelStreamError)


async def test_closing_takes_at_most_a_second_if_the_server_does_not_read() -> None:
    connection = Connection()
    connection.has_room = False
    stream = stream_on(connection)

    await asyncio.wait_for(stream.aclose(), 30)

    assert connection.is_closed
    with pytest.raises(ClientStateError):
        await anext(stream)


def test_a_stream_of_a_closed_loop_can_only_be_closed() -> None:
    connection = Connection()

    async def open_one() -> BidirectionalStream:
        return stream_on(connection)

    stream = asyncio.run(open_one())

    for use in (stream.__anext__, stream.close_input):
        with pytest.raises(ClientStateError, match="another event loop"):
            asyncio.run(use())
    asyncio.run(stream.aclose())
    stream.abort()
    assert not connection.is_closed  # whose loop could not close it


@pytest.mark.parametrize("part", [5, "text", None, ResponsePayloadPart(b"x")])
async def test_only_an_event_can_be_sent(part: Any) -> None:
    async with stream_on(Connection()) as stream:
        with pytest.raises(ParamValidationError):
            await stream.send(part)
        assert 0 == stream.events_sent
