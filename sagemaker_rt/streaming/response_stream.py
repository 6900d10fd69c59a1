"""A streamed answer, decoded as it is read: there is no background task."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Sequence
from types import AsyncGeneratorType, TracebackType
from typing import Any, ClassVar, Final, Self, TypeAlias

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    ClientStateError,
    CorruptMessageError,
    SageMakerRuntimeError,
    ServiceError,
    UnmodeledEventError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.error_responses import ErrorClasses, event_error
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message
from sagemaker_rt.shapes import (
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
    UnknownEvent,
)
from sagemaker_rt.streaming.response_stream_handler import (
    ResponseStreamHandler,
    require_handler,
)

__all__ = ["Event", "ResponseStream", "StreamCall", "StreamEnded"]

Event: TypeAlias = PayloadPart | UnknownEvent
StreamEnded: TypeAlias = "Callable[[ResponseStream, BaseException | None], None]"
"""Takes a stream that has ended, and what iterating raises then, a cancellation too;
None where it was read to its end, or closed."""


class ResponseStream(AsyncIterator[Event]):
    """The parts of an answer, as the model produces them.

    It owns the connection. Reading to the end, an error, and leaving the ``async with``
    block each release it; leaving early closes the connection instead of reading on.
    It is for one reader at a time.

    Iterating raises:
        ModelStreamError: The model failed; the parts before it are good.
        InternalStreamFailure: The service failed; the parts before it are good.
        UnmodeledEventError: An error of a kind that has no model.
        TruncatedStreamError: The connection ended inside a frame.
        CorruptMessageError: A frame cannot be read.
        ClientStateError: Another task waits for the next part.
        TransportError: The connection broke, or was silent for ``read_timeout``.
    """

    event_types: ClassVar = (
        "payload_part",
        "model_stream_error",
        "internal_stream_failure",
    )
    """The events that the service's model has; any other is an `UnknownEvent`."""

    def __init__(
        self,
        output: InvokeEndpointWithResponseStreamOutput,
        response: Response,
        *,
        operation: str,
        known_errors: ErrorClasses,
    ) -> None:
        self.output: Final = output
        """What was known before the first part; its members are attributes here too."""
        self._response = response
        self._operation = operation
        self._known_errors = known_errors
        self._decoder = EventStreamDecoder()
        self._chunks = response.body.iter_chunks()
        self._messages: deque[Message] = deque()
        self._is_closed = False
        self._is_being_read = False
        self._when_ended: tuple[StreamEnded, ...] = ()
        self._when_read: tuple[Callable[[Sequence[Message]], None], ...] = ()
        self.error: SageMakerRuntimeError | None = None
        """What ended the stream early, and was raised where it was read; else None."""
        self.bytes_read = 0
        """Bytes of the body that came so far, frames and all."""
        self.events_read = 0
        """Events that came so far, be they given out yet or not."""

    @property
    def content_type(self) -> str | None:
        """MIME type of the parts, put together."""
        return self.output.content_type

    @property
    def invoked_production_variant(self) -> str | None:
        """Which variant answers."""
        return self.output.invoked_production_variant

    @property
    def custom_attributes(self) -> str | None:
        """What the container added; sensitive."""
        return self.output.custom_attributes

    @property
    def metadata(self) -> Metadata:
        """Request id, status, attempts, endpoint, times, and what middleware added."""
        return self.output.metadata

    @property
    def http_status(self) -> int | None:
        """The response's status."""
        return self.output.http_status

    @property
    def request_id(self) -> str | None:
        """The id that the service gave the request."""
        return self.output.request_id

    async def __anext__(self) -> Event:
        if self._is_being_read:
            message = "another task reads the stream; it is for one reader at a time"
            raise ClientStateError(message)  # and the other one goes on
        try:
            while not self._messages and not self._is_closed:
                await self._read()
            if self._messages:
                return self._event(self._messages.popleft())
        except BaseException as error:  # cancelled while reading, too
            if isinstance(error, SageMakerRuntimeError):
                self._describe(error)
                self.error = error
            await self._end(error)
            raise
        raise StopAsyncIteration

    def events(self) -> Self:
        """Return the stream itself, which yields all events."""
        return self

    def parts(self) -> AsyncIterator[bytes]:
        """Return an iterator of the parts' bytes; it passes unknown events over."""
        return _Parts(self)

    async def handle(
        self, handler: ResponseStreamHandler
    ) -> InvokeEndpointWithResponseStreamOutput:
        """Read to the end, let *handler* see everything, and close the stream.

        Raises:
            SageMakerRuntimeError: As iterating does, after the handler has seen it.
            TypeError: *handler* is none.
        """
        require_handler(handler)
        async with self:
            try:
                async for event in self:
                    await handler.dispatch(event)
            except SageMakerRuntimeError as error:
                if error is self.error:  # and none of a function of the handler's
                    await handler.dispatch(error)
                raise
        return self.output

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Release the connection, and drop what was not read; again does nothing."""
        await self._end(None)

    def when_ended(self, function: StreamEnded) -> None:
        """Have *function* called, once, when the stream has ended.

        What it raises comes out where the stream is read or closed.
        """
        self._when_ended = (*self._when_ended, function)

    def when_read(self, function: Callable[[Sequence[Message]], None]) -> None:
        """Have *function* called with the frames that came, before they are given out.

        What it raises ends the stream.
        """
        self._when_read = (*self._when_read, function)

    async def _end(self, error: BaseException | None) -> None:
        self._messages.clear()
        if self._is_closed:
            return
        self._is_closed = True
        self._response.body.release()
        for function in self._when_ended:
            function(self, error)
        chunks = self._chunks
        if isinstance(chunks, AsyncGeneratorType) and not chunks.ag_running:
            await chunks.aclose()  # else the event loop would, in a task of its own

    def __repr__(self) -> str:
        state = "closed" if self._is_closed else "open"
        return f"<ResponseStream of {self._operation}, {state}>"

    async def _read(self) -> None:
        """Decode what arrives next, or end at a frame's border."""
        self._decoder.feed(b"")  # a broken frame behind the last good one is known
        self._is_being_read = True
        try:
            chunk = await anext(self._chunks, None)
        finally:
            self._is_being_read = False
        if chunk is None:
            self._decoder.close()
            await self.aclose()
        else:
            messages = self._decoder.feed(chunk)
            self.bytes_read += len(chunk)
            self.events_read += len(messages)
            for function in self._when_read:
                function(messages)
            self._messages.extend(messages)

    def _event(self, message: Message) -> Event:
        """Return the event that *message* is, or raise the error that it is."""
        headers = message.headers
        kind = headers.get(":message-type")
        if kind == "event":
            tag = headers.get(":event-type", "")
            if tag == "PayloadPart":
                return PayloadPart(message.payload)
            return UnknownEvent(str(tag), headers, message.payload)
        if kind == "exception":
            code = str(headers.get(":exception-type", ""))
            raise event_error(code, message.payload, self._known_errors)
        if kind == "error":
            raise UnmodeledEventError(
                str(headers.get(":error-message", "")),
                code=str(headers.get(":error-code", "")),
            )
        text = f":message-type is {kind!r}; it must be event, exception or error"
        raise CorruptMessageError(text)

    def _describe(self, error: SageMakerRuntimeError) -> None:
        """Tell *error* which call it ended, and that the model has run."""
        error.request_sent = error.may_have_executed = True
        error.is_retryable = False
        error.operation = self._operation
        error.response, error.metadata = self._response, self.metadata
        error.http_status = self.http_status
        error.request_id = self.request_id
        error.attempts = len(self.metadata.attempts)
        if not isinstance(error, ServiceError):  # which says this in its own text
            error.add_note(
                f"response: HTTP {error.http_status}, "
                f"request id {error.request_id or 'unknown'}"
            )


class _Parts(AsyncIterator[bytes]):
    """The bytes of *stream*; what raises, and what ends it, is the stream's."""

    def __init__(self, stream: ResponseStream) -> None:
        self._stream = stream

    async def __anext__(self) -> bytes:
        async for event in self._stream:
            if isinstance(event, PayloadPart):
                return event.bytes
        raise StopAsyncIteration


class StreamCall(Coroutine[Any, Any, ResponseStream]):
    """A call for a stream: enter it with ``async with``, or await it, once."""

    def __init__(self, call: Coroutine[Any, Any, ResponseStream]) -> None:
        self._call = call
        self._stream: ResponseStream  # there once it is entered

    def __await__(self) -> Generator[Any, Any, ResponseStream]:
        return self._call.__await__()

    def send(self, value: Any, /) -> Any:
        """Go on, as any coroutine does."""
        return self._call.send(value)

    def throw(self, *args: Any) -> Any:
        """Raise inside the call, as in any coroutine."""
        return self._call.throw(*args)

    def close(self) -> None:
        """Give the call up, before it is done."""
        self._call.close()

    async def handle(
        self, handler: ResponseStreamHandler
    ) -> InvokeEndpointWithResponseStreamOutput:
        """Make the call, let *handler* see all of its stream, and return the output.

        Raises:
            SageMakerRuntimeError: As the call does, and as reading the stream does; the
                handler sees the latter.
            TypeError: *handler* is none; nothing was sent.
        """
        try:
            require_handler(handler)
        except TypeError:
            self.close()
            raise
        async with self as stream:
            return await stream.handle(handler)

    async def __aenter__(self) -> ResponseStream:
        self._stream = await self._call
        return self._stream

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stream.aclose()
