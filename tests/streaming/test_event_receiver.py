"""The receiving half of a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.errors import (
    CorruptMessageError,
    ModelStreamError,
    TruncatedStreamError,
)
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.bidirectional_events import encode_event
from sagemaker_rt.sansio.eventstream import encode_message
from sagemaker_rt.shapes import ResponsePayloadPart, UnknownEvent
from sagemaker_rt.streaming.event_receiver import EventReceiver
from tests.doubles import BufferedBody
from tests.streaming.duplex_doubles import Connection

STREAM = encode_event(
    b"hello", data_type="UTF8", completion_state="PARTIAL", padding="pp"
) + encode_message({":message-type": "event", ":event-type": "Pong"}, b"x")


class Source:
    """The response of a call."""

    def __init__(self, body: Connection | BufferedBody) -> None:
        self._body = body

    async def response(self) -> Response:
        return Response(200, Headers(), self._body)


def receiver(*chunks: bytes) -> EventReceiver:
    return EventReceiver(Source(Connection(*chunks)), MODELLED_ERRORS)


async def all_of(receiver: EventReceiver) -> list[object]:
    async def events() -> AsyncIterator[object]:
        while (event := await receiver.next_event()) is not None:
            yield event

    return [event async for event in events()]


@pytest.mark.parametrize("split", range(len(STREAM) + 1))
async def test_events_are_decoded_at_every_split(split: int) -> None:
    receiving = receiver(STREAM[:split], STREAM[split:])

    part, unknown = await all_of(receiving)

    assert part == ResponsePayloadPart(
        b"hello", data_type="UTF8", completion_state="PARTIAL", p="pp"
    )
    assert isinstance(unknown, UnknownEvent)
    assert "Pong" == unknown.tag
    assert receiving.is_ended
    assert 2 == receiving.count


async def test_absent_headers_are_the_defaults() -> None:
    assert [ResponsePayloadPart(b"x")] == await all_of(receiver(encode_event(b"x")))


async def test_an_exception_is_raised_after_the_events_before_it() -> None:
    error = encode_message(
        {":message-type": "exception", ":exception-type": "ModelStreamError"},
        b'{"Message":"closed"}',
    )
    receiving = receiver(STREAM + error)

    await receiving.next_event()
    await receiving.next_event()
    with pytest.raises(ModelStreamError, match="closed"):
        await receiving.next_event()


async def test_a_stream_that_ends_inside_an_event_is_truncated() -> None:
    with pytest.raises(TruncatedStreamError):
        await all_of(receiver(STREAM[:-1]))


async def test_a_corrupt_event_is_found() -> None:
    with pytest.raises(CorruptMessageError):
        await all_of(receiver(STREAM[:-1] + b"\0"))


async def test_a_body_of_a_custom_client_is_read() -> None:
    receiving = EventReceiver(Source(BufferedBody(STREAM)), MODELLED_ERRORS)

    assert 2 == len(await all_of(receiving))
