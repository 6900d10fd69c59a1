"""A stream in both directions: events are sent while those of the model are read."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from attrs import frozen

from sagemaker_rt.errors import (
    ClientStateError,
    ModelStreamError,
    SageMakerRuntimeError,
)
from sagemaker_rt.sansio.bidirectional_events import (
    MessageJoiner,
    encode_event,
)
from sagemaker_rt.sansio.close_codes import NORMAL_CLOSE_CODES, close_code
from sagemaker_rt.shapes import (
    InvokeEndpointWithBidirectionalStreamOutput,
    RequestPayloadPart,
)
from sagemaker_rt.streaming.event_messages import MAX_MESSAGE_BYTES, EventMessages
from sagemaker_rt.streaming.event_receiver import BidirectionalEvent, EventReceiver
from sagemaker_rt.streaming.event_sender import EventSender
from sagemaker_rt.streaming.event_writer import EventWriter, require_part
from sagemaker_rt.streaming.opening_call import OpeningCall

__all__ = ["BidirectionalStream", "StreamSettings"]

_CLOSE_SECONDS: Final = 1.0


@frozen(kw_only=True)
class StreamSettings:
    """What a stream needs of the options."""

    clock: Callable[[], float]
    """Returns seconds since the epoch, for the signatures of events."""
    padding: Callable[[], str] | None = None
    """Returns the padding of an event; None for no padding."""
    normal_close_ends_stream: bool = False
    """Whether a normal close by the container is not an error."""


class BidirectionalStream(EventWriter, AsyncIterator[BidirectionalEvent]):
    """Events that are sent to a model, and those that it sends.

    Use it in an ``async with`` block, or call `aclose`. Events can be sent before the
    response headers are received, and received before any event is sent. Several tasks
    may send; one task at a time may read.

    A read that is cancelled loses nothing, and the next one continues. A cancelled
    `send` has either queued its event whole, or not at all.

    The stream ends without an error only if the service has ended it. Iterating raises:
        ModelStreamError: The model failed, or its container closed the WebSocket,
            which the service reports also after a normal end. See `close_code`.
        InternalStreamFailure: The service failed.
        ModelError, ServiceError: The stream was not opened.
        TruncatedBodyError: The connection was lost, or the stream was reset.
        TruncatedStreamError: The stream ended inside an event.
        CorruptMessageError: An event is invalid.
        RequestTimeoutError: A time limit was exceeded.
        ClientStateError: The stream was closed, another task reads it, or it belongs to
            another event loop.

    After an error, each further read raises the same error.
    """

    def __init__(
        self,
        call: OpeningCall,
        sender: EventSender,
        receiver: EventReceiver,
        settings: StreamSettings,
    ) -> None:
        self._call: Final = call
        self._sender: Final = sender
        self._receiver: Final = receiver
        self._settings: Final = settings
        self._joiner: Final = MessageJoiner(MAX_MESSAGE_BYTES)
        self._is_ended = False
        self._send_error: SageMakerRuntimeError | None = None
        self.error: Exception | None = None
        """The error that ended the stream and was raised to its reader; else None."""
        self.close_error: ModelStreamError | None = None
        """The error by which the service reported a close of the container; else
        None. It is set also if ``normal_close_ends_stream`` kept it from being raised.
        """
        self.close_code: int | None = None
        """The WebSocket close code in `close_error`, as far as it has one."""

    @property
    def events_sent(self) -> int:
        """Events that were sent, or are queued."""
        return self._sender.count

    @property
    def events_read(self) -> int:
        """Events that were received, including those that are not read yet."""
        return self._receiver.count

    @property
    def bytes_read(self) -> int:
        """Bytes of the response body that were received so far, including frames."""
        return self._receiver.bytes_read

    async def send(self, part: RequestPayloadPart) -> None:
        """Send an event; wait while the connection accepts no more.

        The event is queued when this returns. The service may not have received it.

        Raises:
            ParamValidationError, SerializationError: *part* is invalid; it was not
                sent.
            ClientStateError: The input was closed, the stream has ended, or it belongs
                to another event loop.
            SageMakerRuntimeError: The stream was not opened, or has failed.
        """
        self._call.require_loop()
        require_part(part)
        padding = part.p
        if padding is None and self._settings.padding is not None:
            padding = self._settings.padding()
        frame = encode_event(
            part.bytes,
            data_type=part.data_type,
            completion_state=part.completion_state,
            padding=padding,
        )
        try:
            await self._sender.send(frame)
        except SageMakerRuntimeError as error:
            self._call.describe(error)
            if not isinstance(error, ClientStateError):
                self._send_error = error
            raise

    async def close_input(self) -> None:
        """End the events that are sent; those of the model can still be read.

        A second call does nothing. The service may end the stream at once, before the
        model has sent all of its response: if you wait for a response, read it first.

        Raises:
            SageMakerRuntimeError: The stream was not opened, or has failed.
        """
        self._call.require_loop()
        if self._receiver.is_ended:
            return
        try:
            await self._sender.close()
        except SageMakerRuntimeError as error:
            self._call.describe(error)
            raise

    async def initial_response(self) -> InvokeEndpointWithBidirectionalStreamOutput:
        """Wait for the response headers, and return the output without events.

        Raises:
            SageMakerRuntimeError: The stream was not opened.
        """
        self._call.require_loop()
        return await self._call.output()

    async def __anext__(self) -> BidirectionalEvent:
        self._call.require_loop()
        if self._receiver.is_being_read:
            message = "another task reads the stream; only one can read at a time"
            raise ClientStateError(message)  # does not affect the other task
        if self.error is not None:
            raise self.error
        if self._is_ended:
            raise StopAsyncIteration
        try:
            event = await self._receiver.next_event()
        except ModelStreamError as error:
            self.close_error, self.close_code = error, close_code(error)
            is_normal = self.close_code in NORMAL_CLOSE_CODES
            if is_normal and self._settings.normal_close_ends_stream:
                self._end(None)
                raise StopAsyncIteration from None
            self._end(error)
            raise
        except Exception as error:
            self._end(error)
            raise
        if event is None:
            self._end(None)
            raise StopAsyncIteration
        return event

    def messages(self) -> AsyncIterator[str | bytes]:
        """Iterate over whole messages: text as str, and binary ones as bytes.

        A message is the content of an event, or of several that are partial. Unknown
        events are skipped. A cancelled read loses nothing. Read the stream either so or
        by events.

        Iterating raises the same errors as the stream, and:
            InvalidTextError: A text message is not UTF-8.
            ResponseTooLargeError: A message has more than 32 MiB.
            IncompleteOutputError: The stream ended inside a message.
        """
        return EventMessages(self, self._joiner, self._end)

    def abort(self) -> None:
        """End the stream at once, in both directions; it does not wait.

        Events that are queued may not be sent. Reads and sends that wait raise
        `ClientStateError`.
        """
        was_ended, self._is_ended = self._is_ended, True
        self._call.close()
        if self.error is None:
            message = (
                "the stream was closed before its end; read it in its `async with`"
            )
            self.error = ClientStateError(message)
        if not was_ended:
            # an error of sending ended the stream, although nobody read it
            self._call.link.end(self, self._send_error)

    async def aclose(self) -> None:
        """Close the input, and the stream; events that were not read are discarded.

        It takes at most a second. A second call does nothing.

        Raises:
            ClientStateError: The stream belongs to another event loop.
        """
        if self._call.is_loop_closed:
            self.abort()
            return
        self._call.require_loop()
        if not self._is_ended:
            try:
                await self._close_gracefully()
            finally:
                self.abort()
        await self._call.ended()

    async def _close_gracefully(self) -> None:
        """Send what is queued and the end of the events, if that is possible."""
        connection = self._call.link.connection
        if connection is None or connection.is_ended:
            return
        with suppress(SageMakerRuntimeError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._sender.close()
                await connection.drain()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is not None:
            self.abort()
        await self.aclose()

    def _end(self, error: Exception | None) -> None:
        """Release the connection after the end of the stream, or its *error*."""
        if isinstance(error, SageMakerRuntimeError):
            self._call.describe(error)
        self.error, self._is_ended = error, True
        self._call.close()
        self._call.link.end(self, error)

    def __repr__(self) -> str:
        state = "closed" if self._is_ended else "open"
        return f"<BidirectionalStream, {state}, {self.events_sent} events sent>"

    def __del__(self) -> None:
        if not self._is_ended and not self._call.is_closed:
            warnings.warn(
                f"{self!r} was not closed; use it in `async with`",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )
            self._call.close_from_any_thread()
