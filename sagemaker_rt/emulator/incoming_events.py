"""The signed events of a request stream, which become messages of a model."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.emulator.http2_stream import Http2Stream
from sagemaker_rt.emulator.websocket_models import Incoming
from sagemaker_rt.errors import (
    CorruptMessageError,
    SageMakerRuntimeError,
)
from sagemaker_rt.sansio.bidirectional_events import PARTIAL, UTF8, MessageJoiner
from sagemaker_rt.sansio.event_signing import EventVerifier
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message
from sagemaker_rt.sansio.response_events import is_payload_part

__all__ = ["EventsRefused", "IncomingEvents"]

_MAX_MESSAGE: Final = 32 << 20


class EventsRefused(Exception):  # noqa: N818 - control flow inside the emulator
    """The events of the client are invalid, or their signatures."""


class IncomingEvents:
    """Reads the events of *stream*, and passes their messages to a model."""

    def __init__(self, stream: Http2Stream, verifier: EventVerifier) -> None:
        self._stream: Final = stream
        self._verifier: Final = verifier
        self._outer: Final = EventStreamDecoder()
        self._joiner: Final = MessageJoiner(_MAX_MESSAGE)
        self.is_ended = False
        """Whether the signed end was received."""

    async def pass_to(self, incoming: Incoming) -> None:
        """Pass all messages to *incoming*, and their end.

        Raises:
            EventsRefused: An event is invalid, or the end is not signed.
            StreamLost: The client has gone.
        """
        while not self.is_ended:
            chunk = await self._stream.receive()
            if chunk is None:
                message = "the events ended without a signed end"
                raise EventsRefused(message)
            try:
                messages = self._messages(chunk)
            except SageMakerRuntimeError as error:
                raise EventsRefused(str(error)) from error
            for message_of_model in messages:
                await incoming.put(message_of_model)
        await incoming.put(None)

    def _messages(self, chunk: bytes) -> list[str | bytes]:
        messages: list[str | bytes] = []
        for outer in self._outer.feed(chunk):
            frame = self._verifier.verify(outer)
            if not frame:
                self.is_ended = True
                return messages
            for inner in EventStreamDecoder().feed(frame):
                joined = self._join(inner)
                if joined is not None:
                    messages.append(joined)
        return messages

    def _join(self, inner: Message) -> str | bytes | None:
        if not is_payload_part(inner):
            message = f"an event of the type {inner.headers.get(':event-type')!r}"
            raise CorruptMessageError(message)
        return self._joiner.feed(
            inner.payload,
            is_text=inner.headers.get("DataType") == UTF8,
            is_complete=inner.headers.get("CompletionState") != PARTIAL,
        )
