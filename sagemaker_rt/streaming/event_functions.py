"""Makes events of messages, and changes them before they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import TypeAlias

from sagemaker_rt.sansio.error_responses import ErrorClasses
from sagemaker_rt.sansio.eventstream import Message
from sagemaker_rt.sansio.response_events import PAYLOAD_PART, event_type
from sagemaker_rt.shapes import PayloadPart, UnknownEvent

__all__ = ["BytesOfParts", "Event", "EventFunction", "map_event", "read_event"]

Event: TypeAlias = PayloadPart | UnknownEvent
"""What a stream yields."""
EventFunction: TypeAlias = Callable[[Event], Event | Awaitable[Event | None] | None]
"""Takes an event, and returns the event to yield instead; None yields nothing."""


def read_event(message: Message, known_errors: ErrorClasses) -> Event:
    """Return the event in *message*, or raise the error in it.

    Raises:
        ServiceError: *message* is an exception or an error.
        CorruptMessageError: The type of the message or of the event is missing.
    """
    kind = event_type(message, known_errors)
    if kind == PAYLOAD_PART:
        return PayloadPart(message.payload)
    return UnknownEvent(kind, message.headers, message.payload)


async def map_event(event: Event, functions: Iterable[EventFunction]) -> Event | None:
    """Return what *functions*, called in their order, make of *event*.

    Raises:
        TypeError: A function returned something else than an event or None.
    """
    for function in functions:
        result = function(event)
        changed = await result if isawaitable(result) else result
        if changed is None:
            return None
        if not isinstance(changed, (PayloadPart, UnknownEvent)):
            message = (
                f"a function of map_events returned {type(changed).__name__}; "
                "it must return a PayloadPart, an UnknownEvent or None"
            )
            raise TypeError(message)
        event = changed
    return event


class BytesOfParts(AsyncIterator[bytes]):
    """The bytes of the parts among *events*, which is not closed by leaving them."""

    def __init__(self, events: AsyncIterator[Event]) -> None:
        self._events = events

    async def __anext__(self) -> bytes:
        async for event in self._events:
            if isinstance(event, PayloadPart):
                return event.bytes
        raise StopAsyncIteration
