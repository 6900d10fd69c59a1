"""One HTTP/2 connection, which carries one stream in both directions.

It is an asyncio protocol: received bytes are handled as they arrive, and no task runs.
The end of a response has one proof, the end of the stream by the server. A reset, a
lost connection and every other end are errors.
"""

from __future__ import annotations

import asyncio
import copy
from collections import deque
from typing import Any, Final

from sagemaker_rt.errors import (
    ClientStateError,
    DeserializationError,
    HTTP2NotSupportedError,
    SageMakerRuntimeError,
    StreamRefusedError,
)
from sagemaker_rt.http import Request, Response
from sagemaker_rt.sansio.http2_frames import GoAway
from sagemaker_rt.sansio.stream_deadlines import Due, StreamDeadlines
from sagemaker_rt.transport.http2_body import Http2Body
from sagemaker_rt.transport.http2_errors import expired_error, lost_error
from sagemaker_rt.transport.http2_outgoing import Outgoing
from sagemaker_rt.transport.http2_session import (
    Content,
    Ended,
    Http2Session,
    Reset,
    ResponseHead,
    SessionEvent,
    code_name,
)
from sagemaker_rt.transport.http2_timer import StreamTimer

__all__ = ["Http2Connection"]

_HIGH_WATER: Final = 64 * 1024
# events are written together if they are sent in the same turn of the event loop
_MAX_DEFERRED: Final = 16 * 1024
_REFUSED_STREAM: Final = 7  # RFC 9113, section 7


class Http2Connection(asyncio.Protocol):
    """A connection to *host*; `DuplexConnection` describes its use."""

    def __init__(self, *, host: str) -> None:
        self._host: Final = host
        self._loop: Final = asyncio.get_running_loop()
        self._session: Final = Http2Session()
        self._outgoing: Final = Outgoing(self._session)
        self._transport: asyncio.Transport | None = None
        self._timer: StreamTimer | None = None
        self._waiters: Final[set[asyncio.Future[None]]] = set()
        self._is_paused = False
        self._deferred = 0  # bytes that are written at the end of this turn
        self._head: ResponseHead | None = None
        self._chunks: Final[deque[Content]] = deque()
        self._has_received = False
        self._is_reset = False
        self._goaway: GoAway | None = None
        self._error: SageMakerRuntimeError | None = None
        self.is_ended = False
        """Whether the server has ended the response."""
        self.lost: Final[asyncio.Future[None]] = self._loop.create_future()
        """Done when the socket is closed."""

    def start(self, request: Request, deadlines: StreamDeadlines) -> None:
        """Send the headers of *request*.

        Raises:
            SageMakerRuntimeError: The connection was lost before.
        """
        self._raise_error()
        self._timer = StreamTimer(deadlines, self._loop, self._on_due)
        self._session.start(request)
        self._flush()
        self._timer.schedule()

    @property
    def has_room(self) -> bool:
        """Whether `write` may be called now."""
        return not self._is_paused and self._outgoing.size < _HIGH_WATER

    async def wait_for_room(self) -> None:
        """Return when `has_room` is true, or the response has ended."""
        while not self.is_ended and (self._raise_error() or not self.has_room):
            await self._wait()

    def write(self, data: bytes) -> None:
        """Queue *data*, and send what flow control allows."""
        if self.is_ended or self._outgoing.is_ending:
            message = f"the stream to {self._host} has ended"
            raise ClientStateError(message)
        self._raise_error()
        if self._timer is not None:
            self._timer.deadlines.sent_event(self._loop.time())
        self._outgoing.append(data)
        if not self._deferred:
            self._loop.call_soon(self._flush)
        self._deferred += len(data)
        self._send(is_deferred=self._deferred < _MAX_DEFERRED)

    def end(self) -> None:
        """Queue the end of the request; a second call does nothing."""
        if not self.is_ended and self._error is None:
            self._outgoing.end()
            self._send()

    async def drain(self) -> None:
        """Return when all that is queued was handed to the system."""
        while not self.is_ended and (
            self._raise_error() or self._outgoing.size or self._is_paused
        ):
            await self._wait()

    async def response(self) -> Response:
        """Return the response when its headers are received."""
        while self._head is None:
            self._raise_error()
            await self._wait()
        return Response(self._head.status, self._head.headers, Http2Body(self))

    async def receive(self) -> bytes | None:
        """Return the next piece of the response, or None at its end.

        Cancelling it loses nothing.
        """
        while not self._chunks:
            if self.is_ended:
                return None
            self._raise_error()
            await self._wait()
        chunk = self._chunks.popleft()
        if not self.is_ended and self._error is None:
            self._session.return_credit(chunk.size)
            self._flush()
        return chunk.data

    def take_rest(self) -> bytes | None:
        """Return the rest of the response if it is received to its end; else None."""
        if not self.is_ended:
            return None
        rest = b"".join(chunk.data for chunk in self._chunks)
        self._chunks.clear()
        return rest

    def close(self) -> None:
        """Close the connection; it is aborted unless both directions have ended."""
        message = f"the stream to {self._host} was closed"
        self._fail(ClientStateError(message))

    def connection_made(self, transport: Any) -> None:
        """Keep the transport; nothing is sent before `start`."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Handle the frames in *data*."""
        if self._error is not None or self._timer is None:
            return
        if not self._has_received and data.startswith(b"HTTP/1"):
            message = f"{self._host} responded in HTTP/1.1; it does not speak HTTP/2"
            self._fail(HTTP2NotSupportedError(message))
            return
        self._has_received = True
        now = self._loop.time()
        deadlines = self._timer.deadlines
        deadlines.received(now)
        try:
            for event in self._session.receive(data, now=now):
                self._handle(event, deadlines, now)
        except DeserializationError as error:
            self._fail(error)
        if self._error is None:
            self._send()  # acknowledgements, and what flow control allows now
        self._wake()

    def eof_received(self) -> None:
        """Let the transport close; `connection_lost` follows."""

    def connection_lost(self, error: Exception | None) -> None:
        """End a stream that is not complete with an error."""
        reason = "the server closed it" if error is None else str(error)
        if self._goaway is not None:
            reason = f"GOAWAY {code_name(self._goaway.error_code)}; {reason}"
        self._transport = None
        self._fail(self._lost(reason, error))
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        """Stop sending, because the system accepts no more bytes."""
        self._is_paused = True
        self._watch_progress(has_sent=False)

    def resume_writing(self) -> None:
        """Send again."""
        self._is_paused = False
        if self._error is None:
            self._send()
        self._wake()

    def _handle(
        self, event: SessionEvent, deadlines: StreamDeadlines, now: float
    ) -> None:
        if isinstance(event, Content):
            if event.size:
                self._chunks.append(event)
                deadlines.received_event(now)
        elif isinstance(event, ResponseHead):
            self._head = event
            deadlines.responded(now)
            if self._timer is not None:
                self._timer.schedule()  # silence is limited from now on
        elif isinstance(event, Ended):
            self.is_ended = True
            self._outgoing.clear()
            self._stop_timer()
        elif isinstance(event, Reset):
            self._reset(event)
        else:
            self._goaway = event
            if event.last_stream_id < self._session.stream_id:
                self._refuse(f"GOAWAY {code_name(event.error_code)}")

    def _reset(self, event: Reset) -> None:
        self._is_reset = True
        self._outgoing.clear()
        if self.is_ended:  # the rest of the request is not wanted
            return
        name = code_name(event.error_code)
        if event.error_code == _REFUSED_STREAM and self._head is None:
            self._refuse(f"RST_STREAM {name}")
        else:
            self._fail(self._lost(f"RST_STREAM {name}", None))

    def _refuse(self, reason: str) -> None:
        message = f"{self._host} refused the stream before processing it: {reason}"
        self._fail(StreamRefusedError(message))

    def _lost(self, reason: str, cause: Exception | None) -> SageMakerRuntimeError:
        return lost_error(
            reason, host=self._host, has_response=self._head is not None, cause=cause
        )

    def _raise_error(self) -> bool:
        """Raise the error that ended the connection; return False without one."""
        error = self._error
        if error is not None:
            # a copy: several tasks may raise it, and write facts on it
            raise copy.copy(error) from error.__cause__
        return False

    def _fail(self, error: SageMakerRuntimeError) -> None:
        """End the connection with *error*, if it has not ended."""
        if self._error is None:
            self._error = error
            self._outgoing.clear()
            self._stop_timer()
            self._shut()
            self._wake()

    def _shut(self) -> None:
        transport, self._transport = self._transport, None
        if transport is None:
            return
        is_clean = self.is_ended and self._outgoing.is_finished
        if self._timer is not None:  # else nothing was sent, and nothing has to be
            if not is_clean and not self._is_reset:
                self._session.reset()
            self._session.go_away()
            transport.write(self._session.data_to_send())
        # closing waits until everything is sent, and a server may not read
        if is_clean and not transport.get_write_buffer_size():
            transport.close()
        else:
            transport.abort()

    def _send(self, *, is_deferred: bool = False) -> None:
        """Send what flow control and the system allow.

        Args:
            is_deferred: Whether it is written at the end of this turn.
        """
        has_sent = False
        if not (self._is_paused or self.is_ended or self._is_reset):
            has_sent = self._outgoing.write()
        if not is_deferred:
            self._flush()
        self._watch_progress(has_sent=has_sent)

    def _watch_progress(self, *, has_sent: bool) -> None:
        if self._timer is None:
            return
        if not self._outgoing.size and not self._is_paused:
            self._timer.deadlines.flows()
            return
        now = self._loop.time()
        if has_sent:
            self._timer.deadlines.progressed(now)
        self._timer.deadlines.stalled(now)
        self._timer.schedule()

    def _flush(self) -> None:
        self._deferred = 0
        data = self._session.data_to_send()
        if data and self._transport is not None:
            self._transport.write(data)

    async def _wait(self) -> None:
        """Return after the next change of the state."""
        waiter = self._loop.create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    def _on_due(self, due: Due) -> None:
        if due.ping:
            self._session.ping()
            self._flush()
        else:
            has_response = self._head is not None
            self._fail(expired_error(due, host=self._host, has_response=has_response))
