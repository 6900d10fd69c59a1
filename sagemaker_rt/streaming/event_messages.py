"""The messages of a stream in both directions, each joined from its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.sansio.bidirectional_events import PARTIAL, UTF8, MessageJoiner
from sagemaker_rt.shapes import ResponsePayloadPart
from sagemaker_rt.streaming.event_receiver import BidirectionalEvent

__all__ = ["MAX_MESSAGE_BYTES", "EventMessages", "joined"]

MAX_MESSAGE_BYTES: Final = 32 * 1024 * 1024
"""The maximum size of a message."""


class EventMessages(AsyncIterator[str | bytes]):
    """The messages of *events*, which are not closed by leaving them.

    Args:
        joiner: Keeps the events of an incomplete message between two reads.
        fail: Is called with an error of joining, before it is raised.
    """

    def __init__(
        self,
        events: AsyncIterator[BidirectionalEvent],
        joiner: MessageJoiner,
        fail: Callable[[SageMakerRuntimeError], None],
    ) -> None:
        self._events: Final = events
        self._joiner: Final = joiner
        self._fail: Final = fail

    async def __anext__(self) -> str | bytes:
        async for event in self._events:
            try:
                message = joined(self._joiner, event)
            except SageMakerRuntimeError as error:
                self._fail(error)
                raise
            if message is not None:
                return message
        try:
            self._joiner.close()
        except SageMakerRuntimeError as error:
            self._fail(error)
            raise
        raise StopAsyncIteration


def joined(joiner: MessageJoiner, event: BidirectionalEvent) -> str | bytes | None:
    """Return the message that *event* completes; None if it completes none.

    Raises:
        InvalidTextError: The message is text, and is not UTF-8.
        ResponseTooLargeError: The message is too large.
    """
    if not isinstance(event, ResponsePayloadPart):
        return None
    return joiner.feed(
        event.bytes,
        is_text=event.data_type == UTF8,
        is_complete=event.completion_state != PARTIAL,
    )
