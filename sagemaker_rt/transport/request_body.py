"""A body on its way out: how far its request has come.

aiohttp hands the payload of a request through to where connections are made and where
bytes are written, so the payload is what knows how far its request has come. That
decides which time limit holds, what a failure means, and above all whether a model may
have run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NoReturn

import aiohttp

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import Body, ChunkSent, FileBody, Request
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.connection_closing import abort
from sagemaker_rt.transport.error_mapping import Stage
from sagemaker_rt.transport.tcp_info import bytes_acked
from sagemaker_rt.transport.time_limits import Wait, Watchdog

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

__all__ = ["Upload"]

_AT_ONCE: Final = 1 << 16  # bytes; what is larger may have to wait for the socket
_LAST_READ: Final = 1.0  # seconds that a failed upload gives a thread to let a file go
_PIECE: Final = 1 << 18  # bytes; what is larger is written piece by piece
_REPORTED: Final = 1 << 16


class Upload(aiohttp.Payload):
    """The body of *request*, and how far that has come; for one exchange.

    Args:
        is_observed: Whether the connector looks at connections before it hands them
            out, and says when it makes one. Else waiting for a pooled connection and
            making one have their time limits together.
        continue_timeout: How long a request that asks for leave to send its body waits
            for it, in seconds; after that it is sent.
    """

    def __init__(
        self,
        request: Request,
        watchdog: Watchdog,
        *,
        host: str,
        is_observed: bool,
        continue_timeout: float = 1.0,
    ) -> None:
        # the base would make headers here, and nobody would send them
        self.stage = Stage.POOL
        self._request = request
        self._watchdog = watchdog
        self._host = host
        self._is_observed = is_observed
        self._continue_timeout = continue_timeout
        self._waiting: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._protocol: ResponseHandler | None = None
        self._acked: int | None = None
        self._unreadable: Exception | None = None
        self._refusal: BaseException | None = None
        self._reading: asyncio.Future[bytes | memoryview] | None = None
        limit = request.timeouts.pool
        if not is_observed:
            self.stage = Stage.CONNECT
            limit = _sum(limit, request.timeouts.connect)
        self._wait = Wait(watchdog, limit, request.deadline)

    def connecting(self) -> None:
        """Note that the connector has begun to make a connection."""
        self._enter(Stage.CONNECT, self._request.timeouts.connect)

    def connected(self, connection: Connection) -> bytes | None:
        """Note that *connection* is there; return the body if it may go out at once.

        Raises:
            ConnectionResetError: The connection is of no use, and nothing was sent.
        """
        is_reused = self.stage is Stage.POOL
        self.stage = Stage.READY
        self._transport = connection.transport
        self._protocol = protocol = connection.protocol
        body = self._request.body
        if is_reused:
            self._acked = bytes_acked(self._transport)
        if not self._is_observed and protocol:  # its queue of responses
            message = "it holds a response that is not ours"
            raise ConnectionResetError(message)
        is_idle = protocol is not None and not protocol.writing_paused
        if self._request.on_chunk_sent is not None:
            return None
        if is_idle and isinstance(body, bytes) and len(body) <= _AT_ONCE:
            return body
        return None

    def ask(self, leave: asyncio.Future[bool]) -> None:
        """Note that the head goes out, and the body is to wait for *leave*."""
        self._enter(Stage.WRITE, None)
        loop, timeout = self._watchdog.loop, self._continue_timeout
        self._waiting = loop.call_later(timeout, _give, leave)

    def write_at_once(self, message: bytes) -> None:
        """Write *message*, the whole request.

        Raises:
            ConnectionResetError: The connection is closed, and nothing was sent.
        """
        transport = _require_open(self._transport)
        self._enter(Stage.HEAD, self._request.timeouts.read)
        transport.write(message)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the body; the request's head goes out with its first piece."""
        _require_open(self._transport)
        body = self._request.body
        if self._request.on_chunk_sent is not None:
            await self._write_pieces(writer, body, _REPORTED)
        elif isinstance(body, FileBody) or len(body) > _PIECE:
            await self._write_pieces(writer, body, _PIECE)
        else:
            self._enter(Stage.HEAD, self._request.timeouts.read)
            await writer.write(body)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> NoReturn:
        """Refuse: a body is bytes, and may be in a file."""
        message = f"a body is no text: {encoding=}, {errors=}"
        raise TypeError(message)

    def done(self) -> None:
        """Note that the response's head is there; no body goes out without leave."""
        self._wait.stop()
        if self._waiting is not None:
            self._waiting.cancel()

    async def failed(
        self, error: BaseException, *, is_closed: bool
    ) -> BaseException | None:
        """Drop the connection; return what *error* means, or None if it is to pass.

        It waits until nobody reads the body's file: the caller may want it at once.

        Args:
            is_closed: Whether the session is closed: aiohttp tells those who wait for
                a pooled connection by a cancellation that nobody has asked for.
        """
        is_timeout = self._wait.stop()
        if self._waiting is not None:
            self._waiting.cancel()
        if self._transport is not None:
            # aiohttp has closed it, and that would first send what is to be sent
            abort(self._transport)
        if self._reading is not None and not self._reading.done():
            await asyncio.wait((self._reading,), timeout=_LAST_READ)
        if is_timeout:
            return self._timed_out()
        if isinstance(error, asyncio.CancelledError):
            if self._wait.is_cancelled() or not is_closed:
                return None
            return error_mapping.closed(self.stage, host=self._host)
        if self._refusal is not None:
            return self._refusal
        if self._unreadable is not None:
            return error_mapping.unreadable(self._unreadable, host=self._host)
        stage = Stage.READY if self._is_undelivered(error) else self.stage
        return error_mapping.failure(error, stage, host=self._host)

    def _is_undelivered(self, error: BaseException) -> bool:
        """Tell whether it is sure that nothing of the request was delivered.

        It is where a connection that was reused was closed in an orderly way, no byte
        of a response came, and none of the request was acknowledged.
        """
        if self._acked is None or not isinstance(
            error, aiohttp.ServerDisconnectedError
        ):
            return False
        is_silent = isinstance(error.message, str)  # else it is what there is of a head
        return is_silent and self._acked == getattr(
            self._protocol, "acked_at_end", None
        )

    def _timed_out(self) -> SageMakerRuntimeError:
        if self._watchdog.is_closed:
            return error_mapping.closed(self.stage, host=self._host)
        return error_mapping.timeout(self.stage, self._wait.limit, host=self._host)

    def _enter(self, stage: Stage, limit: float | None) -> None:
        self.stage = stage
        self._wait.allow(limit)

    async def _write_pieces(
        self, writer: AbstractStreamWriter, body: Body, size: int
    ) -> None:
        """Write *body*; each piece is progress, and has its time anew."""
        request = self._request
        self._enter(Stage.WRITE, request.timeouts.write)
        pieces = _cut(body, size) if isinstance(body, bytes) else body.chunks(size)
        left = len(body)
        while left:
            piece = await self._next(pieces)
            await writer.write(piece)
            left -= len(piece)
            if request.on_chunk_sent is not None:
                await self._report(request.on_chunk_sent, piece, left)
            self._enter(Stage.WRITE, request.timeouts.write)
        self._enter(Stage.HEAD, request.timeouts.read)

    async def _report(
        self, on_chunk_sent: ChunkSent, piece: bytes | memoryview, left: int
    ) -> None:
        """Tell of *piece*; how long that takes is the function's own business."""
        self._wait.allow(None)
        total, transport = len(self._request.body), _require_open(self._transport)
        is_reading = transport.is_reading()
        if is_reading:  # once a response is whole, aiohttp stops what goes on here
            transport.pause_reading()
        try:
            await on_chunk_sent(bytes(piece), total - left, total)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
                raise  # by aiohttp, and not by what the function has waited for
            # past this frame and aiohttp's, which hold the body
            traceback = error.__traceback__
            self._refusal = error.with_traceback(traceback and traceback.tb_next)
            message = "on_chunk_sent raised"
            raise ConnectionAbortedError(message) from None
        finally:
            if is_reading and not transport.is_closing():
                transport.resume_reading()

    async def _next(self, pieces: Iterator[bytes | memoryview]) -> bytes | memoryview:
        """Return the next piece; that of a file is read in a thread."""
        if not isinstance(self._request.body, FileBody):
            return next(pieces)
        loop = self._watchdog.loop
        try:
            self._reading = loop.run_in_executor(None, next, pieces)
            return await asyncio.shield(self._reading)
        except Exception as error:
            self._unreadable = error
            raise


def _give(leave: asyncio.Future[bool]) -> None:
    if not leave.done():
        leave.set_result(False)


def _require_open(transport: asyncio.Transport | None) -> asyncio.Transport:
    if transport is None or transport.is_closing():
        message = "it ended before anything was written"
        raise ConnectionResetError(message)
    return transport


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _cut(body: bytes, size: int) -> Iterator[memoryview]:
    view = memoryview(body)
    return (view[start : start + size] for start in range(0, len(body), size))
