"""A streamed response, which is decoded as it is read; no task runs for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any, ClassVar, Self, TypeAlias

from sagemaker_rt.errors import (
    ClientStateError,
    OutputDecodingError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.error_responses import ErrorClasses
from sagemaker_rt.sansio.eventstream import (
    EventStreamDecoder,
    Message,
    MessageRun,
    messages_of,
)
from sagemaker_rt.sansio.eventstream_headers import HeaderValue
from sagemaker_rt.sansio.response_events import is_payload_part
from sagemaker_rt.sansio.stream_timing import StreamTiming
from sagemaker_rt.shapes import (
    InvokeEndpointWithResponseStreamOutput,
    PayloadPart,
)
from sagemaker_rt.streaming.decoded_stream import PartSource
from sagemaker_rt.streaming.event_functions import (
    BytesOfParts,
    Event,
    EventFunction,
    map_event,
    read_event,
)
from sagemaker_rt.streaming.response_stream_handler import (
    ResponseStreamHandler,
    require_handler,
)
from sagemaker_rt.streaming.shielded_chunks import ShieldedChunks
from sagemaker_rt.streaming.stream_facts import StreamFacts, describe_error
from sagemaker_rt.streaming.text_reader import TextReader

__all__ = ["ResponseStream", "StreamEnded"]

StreamEnded: TypeAlias = "Callable[[ResponseStream, BaseException | None], None]"
"""Takes a stream that has ended, and the exception that ended it, which may be a
cancellation; None if the stream was read to its end or closed."""


class ResponseStream(StreamFacts, TextReader, AsyncIterator[Event]):
    """The events of a streamed response, as the model produces them.

    The stream owns its connection. It is released at the end of the stream, by an
    error, and at the end of an ``async with`` block. Leaving the block early closes the
    connection. Only one task at a time can read.

    A read that is cancelled, for example by ``asyncio.wait_for(anext(stream), 5)``,
    loses nothing: the stream stays open, and the next read continues.

    Iterating raises:
        ModelStreamError: The model failed. The parts before the error are valid.
        InternalStreamFailure: The service failed. The parts before it are valid.
        UnmodeledEventError: An error of a type that the service model does not have.
        TruncatedStreamError: The response ended inside a frame.
        CorruptMessageError: A frame is invalid.
        ClientStateError: Another task reads the stream, it was closed before its end,
            or its event loop is closed.
        TransportError: The connection was lost, or silent for ``read_timeout``.

    After an error, each further read raises the same error.
    """

    event_types: ClassVar = (
        "payload_part",
        "model_stream_error",
        "internal_stream_failure",
    )
    """The events of the service model; any other is an `UnknownEvent`."""

    def __init__(
        self,
        output: InvokeEndpointWithResponseStreamOutput,
        response: Response,
        *,
        operation: str,
        known_errors: ErrorClasses,
        timing: StreamTiming | None = None,
    ) -> None:
        super().__init__(output, timing or StreamTiming(perf_counter))
        self._response = response
        self._operation = operation
        self._known_errors = known_errors
        self._decoder = EventStreamDecoder()
        chunks = response.body.iter_chunks()
        if not getattr(chunks, "is_cancel_safe", False):
            chunks = ShieldedChunks(chunks)
        self._chunks = chunks
        self._runs: deque[MessageRun] = deque()
        self._headers: Mapping[str, HeaderValue] = {}  # those of `_payloads`
        self._payloads: deque[bytes] = deque()
        self._yields_parts = self._is_closed = self._is_being_read = False
        self._is_complete = False  # it was read to its end
        self._is_being_decoded = False  # so that the decoder determines the end
        self._map: tuple[EventFunction, ...] = ()
        self._when_ended: tuple[StreamEnded, ...] | None = ()  # None: they were called
        self._when_read: tuple[Callable[[Sequence[Message]], None], ...] = ()
        self.error = None
        self.bytes_read = 0
        """Bytes of the body that were received so far, including frames."""
        self.events_read = 0
        """Events that were received so far, including those that are not read yet."""

    def __anext__(self) -> Coroutine[Any, Any, Event]:
        if self._decoded_by is not None:
            self._require_undecoded()
        return self._next_event()

    async def _next_event(self) -> Event:
        if self._is_being_read:
            message = "another task reads the stream; only one can read at a time"
            raise ClientStateError(message)  # does not affect the other task
        try:
            while not self._is_closed:
                if not self._payloads:
                    await self._read()
                elif self._yields_parts:
                    return PayloadPart(self._payloads.popleft())
                elif (event := await self._changed_event()) is not None:
                    return event
        except asyncio.CancelledError:
            raise  # nothing is lost: the next read continues
        except BaseException as error:
            await self._fail(error)
            raise
        raise self._end_of_reading()

    def events(self) -> Self:
        """Return the stream itself, which yields all events."""
        return self

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the bytes of the parts; unknown events are skipped."""
        return BytesOfParts(self)

    def _parts(self) -> PartSource:
        record = self.timing.record_text
        return PartSource(self._begin_decoding, self._next_parts, record, self._decoded)

    async def _next_parts(self) -> Sequence[bytes]:
        """Return the next part, and those that were received with it."""
        self._is_being_decoded = True
        payloads = self._payloads
        if not payloads and not self._is_closed and not self._is_being_read:
            try:
                await self._read()
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                await self._fail(error)
                raise
        if payloads and self._yields_parts:
            parts = list(payloads)
            payloads.clear()
            return parts
        event = await self._next_event()
        while not isinstance(event, PayloadPart):
            event = await self._next_event()
        return [event.bytes]

    async def _fail(self, error: BaseException) -> None:
        """End the stream with the *error* of a read."""
        if isinstance(error, Exception):
            self.error = error
        if isinstance(error, SageMakerRuntimeError):
            self._describe(error)
        await self._end(error)

    async def _decoded(self, error: OutputDecodingError | None) -> None:
        """End the stream, which was decoded to its end or to *error*."""
        if error is not None and self.error is None:
            self.error = error
            self._describe(error)
        await self._end(error)

    def map_events(self, function: EventFunction) -> None:
        """Replace each event by what *function* returns, for every way of reading.

        Middleware changes, adds or removes parts with it. *function* takes an event,
        and returns an event, or None to leave it out; it may be async. Functions are
        called in the order in which they were added. Errors of the service are not
        passed to them.

        If a read is cancelled while an async function runs, the next read calls it
        again with the same event. An exception in a function ends the stream.

        Raises:
            TypeError: *function* cannot be called.
        """
        if not callable(function):
            message = f"{function!r} is not a function; pass one that takes an event"
            raise TypeError(message)
        self._map, self._yields_parts = (*self._map, function), False

    async def handle(
        self, handler: ResponseStreamHandler
    ) -> InvokeEndpointWithResponseStreamOutput:
        """Read the stream to its end, call *handler* with each event, and close it.

        Raises:
            SageMakerRuntimeError: As by iterating, after the handler was called.
            TypeError: *handler* is not a `ResponseStreamHandler`.
        """
        require_handler(handler)
        async with self:
            try:
                async for event in self:
                    await handler.dispatch(event)
            except SageMakerRuntimeError as error:
                if error is self.error:  # not raised by a function of the handler
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
        """Close the stream, and discard what was not read; idempotent."""
        await self._end(None)

    def when_ended(self, function: StreamEnded) -> None:
        """Call *function* once, when the stream has ended; at once if it has.

        Its exceptions propagate to the code that reads or closes the stream.
        """
        if self._when_ended is None:
            function(self, self.error)
        else:
            self._when_ended = (*self._when_ended, function)

    def when_read(self, function: Callable[[Sequence[Message]], None]) -> None:
        """Call *function* with received frames, before their events can be read.

        Its exceptions end the stream.
        """
        self._when_read = (*self._when_read, function)

    async def _end(self, error: BaseException | None, *, reports: bool = True) -> None:
        """Release the response, and call the functions of `when_ended` once."""
        self._runs.clear()
        self._payloads.clear()
        was_closed, self._is_closed = self._is_closed, True
        if not was_closed:
            self._response.body.release()
        try:
            if reports:
                self._decoded_by = None
                functions, self._when_ended = self._when_ended, None
                for function in functions or ():
                    function(self, error)
        finally:
            if not was_closed and isinstance(self._chunks, ShieldedChunks):
                await self._chunks.aclose()  # else the event loop would, in a new task

    def __repr__(self) -> str:
        state = "closed" if self._is_closed else "open"
        return f"<ResponseStream of {self._operation}, {state}>"

    async def _read(self) -> None:
        """Take the next run of messages; at the end of the body, close the stream."""
        if self._runs:
            self._take_run()
            return
        self._decoder.raise_failure()  # the frames before the corrupt one were read
        self._is_being_read = True
        try:
            chunk = await self._chunks.__anext__()
        except StopAsyncIteration:
            self._decoder.close()
            self._is_complete = True
            await self._end(None, reports=not self._is_being_decoded)
            return
        finally:
            self._is_being_read = False
        runs = self._decoder.feed_runs(chunk)
        parts = 0
        for run in runs:
            self.events_read += len(run.payloads)
            parts += len(run.payloads) if is_payload_part(run) else 0
        self.timing.record_parts(parts)
        self.bytes_read += len(chunk)
        for function in self._when_read:
            function(messages_of(runs))
        self._runs.extend(runs)
        if runs:
            self._take_run()

    def _take_run(self) -> None:
        """Make the next run of messages the current one."""
        run = self._runs.popleft()
        self._headers = run.headers
        self._payloads.extend(run.payloads)
        self._yields_parts = not self._map and is_payload_part(run)

    async def _changed_event(self) -> Event | None:
        """Return the next event, or what the functions of `map_events` make of it."""
        message = Message(dict(self._headers), self._payloads[0])
        event = read_event(message, self._known_errors)
        self._is_being_read = True
        try:
            changed = await map_event(event, self._map)
        finally:
            self._is_being_read = False
        if not self._payloads:  # another task closed the stream
            return None
        self._payloads.popleft()
        return changed

    def _end_of_reading(self) -> Exception:
        """Return what a read raises after the last event."""
        if self.error is not None:
            return self.error
        if self._is_complete:
            return StopAsyncIteration()
        message = "the stream was closed before its end; read it in its `async with`"
        error = ClientStateError(message)
        self._describe(error)
        return error

    def _describe(self, error: SageMakerRuntimeError) -> None:
        """Set the facts of the call on *error*."""
        describe_error(error, self, self._operation, self._response)
