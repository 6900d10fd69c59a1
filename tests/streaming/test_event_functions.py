from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt.errors import ModelStreamError
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.sansio.eventstream import Message
from sagemaker_rt.shapes import PayloadPart, UnknownEvent
from sagemaker_rt.streaming.event_functions import (
    BytesOfParts,
    Event,
    map_event,
    read_event,
)

PART = PayloadPart(b"one")


def shout(event: Event) -> Event:
    return PayloadPart(event.bytes.upper()) if isinstance(event, PayloadPart) else event


async def exclaim(event: Event) -> Event | None:
    await asyncio.sleep(0)
    return PayloadPart(event.bytes + b"!") if isinstance(event, PayloadPart) else None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("PayloadPart", PART),
        (
            "Novelty",
            UnknownEvent(
                "Novelty", {":message-type": "event", ":event-type": "Novelty"}, b"one"
            ),
        ),
    ],
)
def test_a_message_is_read_as_an_event(kind: str, expected: Event) -> None:
    message = Message({":message-type": "event", ":event-type": kind}, b"one")

    assert expected == read_event(message, MODELLED_ERRORS)


def test_the_error_in_a_message_is_raised() -> None:
    headers = {":message-type": "exception", ":exception-type": "ModelStreamError"}

    with pytest.raises(ModelStreamError):
        read_event(Message({**headers}, b"{}"), MODELLED_ERRORS)


async def test_functions_are_called_in_their_order() -> None:
    assert PART == await map_event(PART, ())
    assert PayloadPart(b"ONE!") == await map_event(PART, (shout, exclaim))


async def test_no_function_is_called_after_one_that_returns_none() -> None:
    event = UnknownEvent("Novelty", {}, b"")

    assert (
        await map_event(event, (exclaim, lambda event: pytest.fail("called"))) is None
    )


@pytest.mark.parametrize("result", [b"one", "one", True])
async def test_other_results_are_refused(result: Any) -> None:
    with pytest.raises(TypeError, match=type(result).__name__):
        await map_event(PART, (lambda event: result,))


async def test_the_bytes_of_parts_leave_out_other_events() -> None:
    async def events() -> AsyncIterator[Event]:
        yield UnknownEvent("Novelty", {}, b"")
        yield PART

    assert [b"one"] == [one async for one in BytesOfParts(events())]
