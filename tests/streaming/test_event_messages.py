from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidTextError,
    SageMakerRuntimeError,
)
from sagemaker_rt.sansio.bidirectional_events import (
    BINARY,
    COMPLETE,
    PARTIAL,
    UTF8,
    MessageJoiner,
)
from sagemaker_rt.shapes import ResponsePayloadPart, UnknownEvent
from sagemaker_rt.streaming.event_messages import MAX_MESSAGE_BYTES, EventMessages
from sagemaker_rt.streaming.event_receiver import BidirectionalEvent


def part(data: bytes, kind: str = UTF8, state: str = COMPLETE) -> ResponsePayloadPart:
    return ResponsePayloadPart(data, data_type=kind, completion_state=state)


class Messages(EventMessages):
    """The messages of *events*, and the errors that ended them."""

    def __init__(self, *events: BidirectionalEvent) -> None:
        self.errors: list[SageMakerRuntimeError] = []
        joiner = MessageJoiner(MAX_MESSAGE_BYTES)
        super().__init__(_iterate(events), joiner, self.errors.append)


async def _iterate(
    events: tuple[BidirectionalEvent, ...],
) -> AsyncIterator[BidirectionalEvent]:
    for event in events:
        yield event


async def test_the_events_of_a_message_are_joined_and_unknown_ones_skipped() -> None:
    messages = Messages(
        part(b"a", state=PARTIAL),
        UnknownEvent("Other", {}, b"?"),
        part(b"b"),
        part(b"\xff", BINARY),
    )

    assert ["ab", b"\xff"] == [message async for message in messages]
    assert [] == messages.errors


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (part(b"\xff"), InvalidTextError),
        (part(b"a", state=PARTIAL), IncompleteOutputError),
    ],
)
async def test_an_error_ends_the_events(
    event: ResponsePayloadPart, kind: type[SageMakerRuntimeError]
) -> None:
    messages = Messages(event)

    with pytest.raises(kind) as caught:
        await anext(messages)

    assert [caught.value] == messages.errors
