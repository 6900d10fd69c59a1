"""Converts responses of aiohttp, and reads their bodies under time limits."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from functools import partial
from math import inf
from typing import Final, Self

import aiohttp

from sagemaker_rt.errors import (
    ClientStateError,
    DeserializationError,
    ResponseTooLargeError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.connection_closing import abort_response_of
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.response_framing import framing_problem
from sagemaker_rt.transport.time_limits import TimeLimit, Watchdog

__all__ = ["BufferedBody", "StreamedBody", "convert_response"]

_SUCCESS: Final = range(200, 300)


def convert_response(
    response: aiohttp.ClientResponse, request: Request, watchdog: Watchdog, *, host: str
) -> Response:
    """Return *response* to *request* as a `Response`.

    Raises:
        DeserializationError: The response is a success, and its body could be
            truncated without notice, or has an unrequested transfer coding.
    """
    headers, content = _headers(response), response.content
    body: BufferedBody | StreamedBody
    if content.is_eof() and response.connection is None:
        body = BufferedBody(content.read_nowait(), host=host)
    else:
        body = StreamedBody(response, request, watchdog, host=host)
    problem = framing_problem(response) if response.status in _SUCCESS else None
    if problem is not None:
        body.release()
        error = DeserializationError(f"response body from {host} {problem}")
        error.http_status = response.status
        error.request_id = request_id(headers.lower)
        raise error
    return Response(response.status, headers, body)


class BufferedBody(AsyncIterator[bytes]):
    """A body that was received together with the headers; a `http.ResponseBody`."""

    __slots__ = ("_body", "_host")

    is_cancel_safe: Final = True  # a cancelled read loses nothing

    def __init__(self, body: bytes, *, host: str) -> None:
        self._body = body
        self._host = host

    def read_nowait(self) -> bytes | None:
        """Return the body."""
        return self._body

    async def read(self, limit: int) -> bytes:
        """Return the body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
        """
        if len(self._body) > limit:
            raise _too_large(limit, host=self._host)
        return self._body

    def iter_chunks(self) -> Self:
        """Yield the body."""
        return self

    async def __anext__(self) -> bytes:
        chunk, self._body = self._body, b""
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def release(self) -> None:
        """Do nothing: the connection is in the pool again."""


class StreamedBody(AsyncIterator[bytes]):
    """The body of *response* while it is received; a `http.ResponseBody`.

    It is for one reader at a time. The caller must read it to its end or release it.
    If it is garbage-collected before that, a ResourceWarning is shown, and the
    connection is closed.
    """

    __slots__ = (
        "_content",
        "_deadline",
        "_end_time",
        "_host",
        "_is_released",
        "_read_timeout",
        "_response",
        "_stop_watching",
        "_stream_timeout",
        "_watchdog",
    )

    is_cancel_safe: Final = True  # a cancelled read loses nothing

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        request: Request,
        watchdog: Watchdog,
        *,
        host: str,
    ) -> None:
        self._response = response
        self._content = response.content
        self._deadline = request.deadline
        self._host = host
        self._is_released = False
        self._read_timeout = request.timeouts.read
        self._stop_watching: Callable[[], object] | None = None
        self._stream_timeout = request.timeouts.body
        self._end_time = inf
        if self._stream_timeout is not None:
            self._end_time = watchdog.loop.time() + self._stream_timeout
        self._watchdog = watchdog

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has been received already, else None."""
        content = self._content
        if content.is_eof() and content.exception() is None:
            return content.read_nowait()
        return None

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
            TruncatedBodyError: The connection was lost before its end.
            RequestTimeoutError: Nothing was received for ``read_timeout``, or the body
                took longer than ``stream_timeout``.
        """
        size = self._response.content_length or 0
        chunks: list[bytes] = []
        if size <= limit:
            size = 0
            try:
                while size <= limit and (chunk := await self._next_chunk()):
                    chunks.append(chunk)
                    size += len(chunk)
            except asyncio.CancelledError:
                self.release()
                raise
        if size > limit:
            self.release()
            raise _too_large(limit, host=self._host)
        return b"".join(chunks)

    def iter_chunks(self) -> Self:
        """Yield the body as it is received; raises as `read` does.

        A read that is cancelled loses nothing: the next one continues.
        """
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._next_chunk()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def release(self) -> None:
        """Close the connection, unless the body was received to its end."""
        self._is_released = True
        if self._stop_watching is not None:
            self._stop_watching()
            self._stop_watching = None
        abort_response_of(self._watchdog.loop, self._response)

    def __del__(self) -> None:
        response = self._response
        connection = response.connection
        if connection is None or self._is_released or self._content.is_eof():
            return
        message = f"response body from {self._host} was dropped before its end"
        warnings.warn(message, ResourceWarning, stacklevel=1, source=self)
        abort_response_of(self._watchdog.loop, response)

    async def _next_chunk(self) -> bytes:
        """Return what is received already, or next; ``b""`` at the end."""
        content = self._content
        error = content.exception()
        if self._is_released:
            message = "the response body was released and can no longer be read"
            raise ClientStateError(message)
        if self._is_late() and not content.is_eof():
            self.release()
            raise self._late_error()
        if error is None:
            chunk = content.read_nowait()
            return chunk if chunk or content.is_eof() else await self._receive()
        # `read_nowait` would raise, although there is data from before the error.
        chunk = content._read_nowait(-1)  # noqa: SLF001 - aiohttp has no public method
        if chunk:
            return chunk
        self.release()
        raise error_mapping.map_exception(error, Stage.BODY, host=self._host) or error

    async def _receive(self) -> bytes:
        if self._watchdog.loop is not asyncio.get_running_loop():
            self.release()
            message = (
                "the response belongs to another event loop; read it in the one in "
                "which the call was made"
            )
            raise ClientStateError(message)
        self._watch_connection()
        left = self._end_time - self._watchdog.loop.time()
        gap = self._read_timeout
        limit = left if gap is None or left < gap else gap
        time_limit = TimeLimit(
            self._watchdog, limit if limit < inf else None, self._deadline
        )
        try:
            chunk = await self._content.readany()
        except BaseException as error:
            mapped = self._mapped(error, time_limit)
            if mapped is None:
                if not isinstance(error, asyncio.CancelledError):
                    self.release()
                raise
            self.release()
        else:
            time_limit.stop()
            return chunk
        raise mapped  # here, so that the exception of aiohttp is not its context

    def _mapped(
        self, error: BaseException, time_limit: TimeLimit
    ) -> SageMakerRuntimeError | None:
        if not time_limit.stop():
            return error_mapping.map_exception(error, Stage.BODY, host=self._host)
        if self._watchdog.is_closed:
            return error_mapping.closed_error(Stage.BODY, host=self._host)
        if self._is_late():
            return self._late_error()
        seconds = time_limit.exceeded_seconds
        return error_mapping.timeout_error(Stage.BODY, seconds, host=self._host)

    def _is_late(self) -> bool:
        return self._watchdog.loop.time() >= self._end_time

    def _late_error(self) -> SageMakerRuntimeError:
        return error_mapping.timeout_error(
            Stage.BODY, self._stream_timeout, host=self._host, option="stream_timeout"
        )

    def _watch_connection(self) -> None:
        """Wake the reader when the connection is lost.

        aiohttp does not do so if a chunk was malformed, or if the session is closed
        while the body is read.
        """
        connection = self._response.connection
        protocol = None if connection is None else connection.protocol
        closed = None if protocol is None else protocol.closed
        if closed is None or self._stop_watching is not None:
            return
        closed.remove_done_callback(_retrieve_exception)
        closed.add_done_callback(_retrieve_exception)
        wake = partial(_fail_content, self._content)
        closed.add_done_callback(wake)
        self._stop_watching = partial(closed.remove_done_callback, wake)


def _too_large(limit: int, *, host: str) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"response body from {host} exceeds {limit} bytes")


def _retrieve_exception(closed: asyncio.Future[None]) -> None:
    """Prevent asyncio from logging that the exception was never retrieved."""
    if not closed.cancelled():
        closed.exception()


def _fail_content(content: aiohttp.StreamReader, _: asyncio.Future[None]) -> None:
    if not content.is_eof() and content.exception() is None:
        content.set_exception(aiohttp.ClientPayloadError("the connection was lost"))


def _headers(response: aiohttp.ClientResponse) -> Headers:
    items = response.headers
    lower = {name.lower(): value for name, value in items.items()}
    if len(lower) < len(items):
        lower = {name: ", ".join(items.getall(name)) for name in lower}
    if not "".join(lower.values()).isascii():
        lower = {name: _decode(value) for name, value in lower.items()}
    return Headers.of(lower)


def _decode(value: str) -> str:
    """Decode *value* as UTF-8, else as Latin-1, the original encoding of headers."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
