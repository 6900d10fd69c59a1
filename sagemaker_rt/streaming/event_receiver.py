"""The receiving half of a stream in both directions."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from typing import Final, Protocol, TypeAlias

from sagemaker_rt.http import Response
from sagemaker_rt.sansio.bidirectional_events import BINARY, COMPLETE
from sagemaker_rt.sansio.error_responses import ErrorClasses
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message
from sagemaker_rt.sansio.response_events import PAYLOAD_PART, event_type
from sagemaker_rt.shapes import ResponsePayloadPart, UnknownEvent
from sagemaker_rt.streaming.shielded_chunks import ShieldedChunks

__all__ = ["BidirectionalEvent", "EventReceiver", "ResponseSource"]

BidirectionalEvent: TypeAlias = ResponsePayloadPart | UnknownEvent
"""An event of a model, or one of a type that this version does not know."""


class ResponseSource(Protocol):
    """The call that opens a stream."""

    async def response(self) -> Response:
        """Wait for the response of the call; cancelling it has no effect.

        Raises:
            SageMakerRuntimeError: The call failed.
        """
        ...


class EventReceiver:
    """Decodes the events of the response of *source*, which succeeds later.

    Args:
        known_errors: The errors of the service model.
    """

    def __init__(self, source: ResponseSource, known_errors: ErrorClasses) -> None:
        self._source: Final = source
        self._known_errors: Final = known_errors
        self._decoder: Final = EventStreamDecoder()
        self._messages: Final[deque[Message]] = deque()
        self._chunks: AsyncIterator[bytes] | None = None
        self.is_being_read = False
        """Whether a task waits for the next event."""
        self.is_ended = False
        """Whether the service has ended the stream."""
        self.count = 0
        """Events that were received."""
        self.bytes_read = 0
        """Bytes that were received."""

    async def next_event(self) -> BidirectionalEvent | None:
        """Return the next event; None at the end. Cancelling it loses nothing.

        Raises:
            ServiceError: The call failed, or the event is an error.
            EventStreamError: The event is invalid, or the stream ended inside it.
            TransportError: The connection was lost, or a time limit exceeded.
        """
        while not self._messages and not self.is_ended:
            await self._read()
        if not self._messages:
            return None
        return self._event(self._messages.popleft())

    async def _read(self) -> None:
        self._decoder.raise_failure()  # the frames before the corrupt one were read
        self.is_being_read = True
        try:
            if self._chunks is None:
                self._chunks = _chunks_of(await self._source.response())
            chunk = await anext(self._chunks, None)
        finally:
            self.is_being_read = False
        if chunk is None:
            self._decoder.close()
            self.is_ended = True
            return
        messages = self._decoder.feed(chunk)
        self.count += len(messages)
        self.bytes_read += len(chunk)
        self._messages.extend(messages)

    def _event(self, message: Message) -> BidirectionalEvent:
        """Return the event in *message*, or raise the error in it."""
        kind = event_type(message, self._known_errors)
        headers = message.headers
        if kind != PAYLOAD_PART:
            return UnknownEvent(kind, headers, message.payload)
        padding = headers.get("P")
        return ResponsePayloadPart(
            message.payload,
            data_type=str(headers.get("DataType", BINARY)),
            completion_state=str(headers.get("CompletionState", COMPLETE)),
            p=padding if isinstance(padding, str) else None,
        )


def _chunks_of(response: Response) -> AsyncIterator[bytes]:
    chunks = response.body.iter_chunks()
    is_cancel_safe = getattr(chunks, "is_cancel_safe", False)
    return chunks if is_cancel_safe else ShieldedChunks(chunks)
