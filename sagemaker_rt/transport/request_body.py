"""Sends the body of a request, and records which stage the request has reached.

aiohttp passes the body of a request to its connector and to the code that writes. So
the body is the object that knows the stage. The stage decides which time limit
applies, what an exception means, and whether the model may have been invoked.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NoReturn

import aiohttp
from multidict import CIMultiDict

from sagemaker_rt.http import Body, ChunkSent, FileBody, Request
from sagemaker_rt.sansio.response_framing import is_between_responses
from sagemaker_rt.transport.aiohttp_errors import AIOHTTP_ERRORS
from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.body_chunks import (
    CHUNK_BYTES,
    MAX_SINGLE_WRITE,
    REPORTED_CHUNK_BYTES,
    BodyChunks,
)
from sagemaker_rt.transport.connection_closing import abort_connection
from sagemaker_rt.transport.connection_protocol import ConnectionProtocol
from sagemaker_rt.transport.error_mapping import unreadable_body_error
from sagemaker_rt.transport.lost_connection import LostConnection
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.tcp_info import bytes_acked
from sagemaker_rt.transport.time_limits import Watchdog

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

__all__ = ["RequestBody"]

_HEADERS: Final = CIMultiDict({"Content-Type": "application/octet-stream"})
_FIRST_ERROR_STATUS: Final = 400
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_TURNS: Final = 3  # in which a response is passed on after its connection was lost


class RequestBody(aiohttp.Payload):
    """The body of *request*; for one sending.

    Args:
        has_own_pool: Whether the connector is a `CheckedConnector`, which calls
            `start_waiting` and `start_connecting`. Otherwise, waiting for a pooled
            connection and connecting share one time limit.
        continue_timeout: Seconds to wait for ``100 Continue``, before the body is sent;
            None if the request has no header ``Expect``.
    """

    def __init__(
        self,
        request: Request,
        watchdog: Watchdog,
        *,
        host: str,
        has_own_pool: bool,
        continue_timeout: float | None = None,
    ) -> None:
        # The base class is not initialized: it would create headers for each request.
        self.request = request
        self.host = host
        self._loop = watchdog.loop
        self._has_own_pool = has_own_pool
        self._continue_timeout = continue_timeout
        self._continue_timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._received: list[bytes] = []
        self.protocol: ConnectionProtocol | None = None
        """The protocol of the connection; None before there is one."""
        self._acked_before: int | None = None
        self._lost_connection: LostConnection | None = None
        self._chunks: BodyChunks | None = None
        self._is_written = False
        self._callback_error: BaseException | None = None
        limit = request.timeouts.connect
        if not has_own_pool:
            limit = _sum(request.timeouts.pool, limit)
        self._attempt = Attempt(request, watchdog, host, Stage.CONNECT, limit)

    @property
    def headers(self) -> CIMultiDict[str]:
        """Headers that aiohttp requires; the session is configured to skip them."""
        return _HEADERS

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.request.body)

    @property
    def received(self) -> bytes:
        """What was received before and with the response headers; at most 64 KiB."""
        return b"".join(self._received)

    def start_waiting(self) -> None:
        """Record that the request waits for its place in the pool."""
        self._attempt.enter(Stage.POOL, self.request.timeouts.pool)

    def start_connecting(self) -> None:
        """Record that the request has waited for its place in the pool."""
        self._attempt.enter(Stage.CONNECT, self.request.timeouts.connect)

    def use_connection(self, protocol: ConnectionProtocol) -> None:
        """Record that the connection of *protocol* will be used."""
        attempt = self._attempt
        attempt.stage = Stage.READY
        self._transport = protocol.transport
        self.protocol = protocol
        self._received = protocol.start()
        if protocol.is_reused:
            self._acked_before = bytes_acked(self._transport)
        if self._continue_timeout is not None:  # aiohttp sends the headers, and waits
            attempt.enter(Stage.WRITE, None)
            self._continue_timer = self._loop.call_later(
                self._continue_timeout, self._stop_waiting
            )

    def _stop_waiting(self) -> None:
        """Let aiohttp send the body, as if the server had sent ``100 Continue``.

        That is impossible while a part of a response is received.
        """
        if self.protocol is not None and is_between_responses(self.received):
            self.protocol.feed(_CONTINUE)
        else:
            self._attempt.enter(Stage.WRITE, self.request.timeouts.read)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the body; aiohttp sends the headers with the first chunk."""
        self._cancel_timer()
        transport = _require_open(self._transport)
        body = self.request.body
        if self.protocol is not None and not self._is_small():
            self._lost_connection = LostConnection(transport)
            self.protocol.lost_connection = self._lost_connection
        if self.request.on_chunk_sent is not None:
            await self._write_chunks(writer, body, REPORTED_CHUNK_BYTES)
        elif isinstance(body, FileBody) or len(body) > CHUNK_BYTES:
            await self._write_chunks(writer, body, CHUNK_BYTES)
        else:
            self._attempt.enter(Stage.HEAD, self.request.timeouts.read)
            await writer.write(body)
        self._is_written = True

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> NoReturn:
        """Raise TypeError: a body consists of bytes, and may be in a file."""
        message = f"a request body cannot be decoded: {encoding=}, {errors=}"
        raise TypeError(message)

    def finish(self, status: int) -> None:
        """Record that the response headers are received, with *status*.

        A body that still waits for ``100 Continue`` is not sent any more.
        """
        self._attempt.time_limit.stop()
        self._release()
        if self.protocol is None:
            return
        self.protocol.stop_recording()
        is_refused = status >= _FIRST_ERROR_STATUS and not self._is_small()
        if is_refused or not self._is_written:
            # The server may not have read the body. Then it closes the connection,
            # which may be seen only later.
            self.protocol.refuse_reuse()

    async def fail(
        self, error: BaseException, *, is_session_closed: bool
    ) -> BaseException | None:
        """Abort the connection; return the error to raise, or None to raise *error*.

        It waits until no thread reads the body's file.

        Args:
            is_session_closed: aiohttp then cancels the tasks that wait for a pooled
                connection. That is not a cancellation by the caller.
        """
        is_timeout = self._attempt.time_limit.stop()
        self._release()
        if self._transport is not None:
            # aiohttp has called close(), which would send the write buffer first
            abort_connection(self._transport)
        chunks, attempt = self._chunks, self._attempt
        if chunks is not None:
            await chunks.wait_for_thread()
        if is_timeout:
            return attempt.timeout_error(self._timeout_option())
        if isinstance(error, asyncio.CancelledError):
            if attempt.time_limit.is_task_cancelled() or not is_session_closed:
                return None
            return attempt.closed_error()
        if self._callback_error is not None:
            return self._callback_error
        if chunks is not None and chunks.error is not None:
            return unreadable_body_error(chunks.error, host=self.host)
        stage = Stage.READY if self._is_undelivered(error) else attempt.stage
        return AIOHTTP_ERRORS.map_exception(error, stage, host=self.host)

    def _is_small(self) -> bool:
        return len(self.request.body) <= MAX_SINGLE_WRITE

    def _cancel_timer(self) -> None:
        if self._continue_timer is not None:
            self._continue_timer.cancel()

    def _release(self) -> None:
        self._cancel_timer()
        if self._lost_connection is not None:
            self._lost_connection.close()

    def _is_undelivered(self, error: BaseException) -> bool:
        """Return whether it is certain that nothing of the request was delivered.

        It is if the connection was reused, ended without a reset and before any byte
        of a response, and no byte of the request was acknowledged.
        """
        if self._acked_before is None or not isinstance(
            error, aiohttp.ServerDisconnectedError
        ):
            return False
        # otherwise the message is the part of the response that was received
        has_no_response = isinstance(error.message, str)
        acked_at_end = None if self.protocol is None else self.protocol.acked_at_end
        return has_no_response and self._acked_before == acked_at_end

    def _timeout_option(self) -> str | None:
        if self._attempt.stage is Stage.CONNECT and not self._has_own_pool:
            return "pool_timeout plus connect_timeout"
        return None

    async def _write_chunks(
        self, writer: AbstractStreamWriter, body: Body, size: int
    ) -> None:
        """Write *body* in chunks; ``write_timeout`` starts anew with each."""
        request = self.request
        self._attempt.enter(Stage.WRITE, request.timeouts.write)
        self._chunks = chunks = BodyChunks(body, size)
        left = len(body)
        while left:
            chunk = await chunks.next()
            if self._transport is not None and self._transport.is_closing():
                await self._let_response_in()
            await writer.write(chunk)
            left -= len(chunk)
            if request.on_chunk_sent is not None:
                await self._report(request.on_chunk_sent, chunk, left)
            self._attempt.enter(Stage.WRITE, request.timeouts.write)
        self._attempt.enter(Stage.HEAD, request.timeouts.read)

    async def _let_response_in(self) -> None:
        """Let the event loop report the end of the connection before the next write.

        A response that was received before a write failed is passed on then, and
        aiohttp cancels this task. The next write would fail, and hide the response.
        """
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def _report(
        self, on_chunk_sent: ChunkSent, chunk: bytes | memoryview, left: int
    ) -> None:
        """Call *on_chunk_sent*; its duration is only limited by the deadline."""
        self._attempt.time_limit.restart(None)
        total, transport = len(self.request.body), _require_open(self._transport)
        # When aiohttp has read a whole response, it cancels the task that writes, and
        # so this callback. Responses are not read until the callback returns.
        is_reading = transport.is_reading()
        if is_reading:
            transport.pause_reading()
        try:
            await on_chunk_sent(bytes(chunk), total - left, total)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
                raise  # aiohttp cancels the task, not the awaitable of the callback
            # without this frame and those of aiohttp, whose variables hold the body
            traceback = error.__traceback__
            self._callback_error = error.with_traceback(traceback and traceback.tb_next)
            message = "on_chunk_sent raised an exception"
            raise ConnectionAbortedError(message) from None
        finally:
            if is_reading and not transport.is_closing():
                transport.resume_reading()


def _require_open(transport: asyncio.Transport | None) -> asyncio.Transport:
    if transport is None or transport.is_closing():
        message = "it was closed before the request was written"
        raise ConnectionResetError(message)
    return transport


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second
