"""A response on its way in: its headers, and a body that may still be arriving."""

from __future__ import annotations

import asyncio
import contextlib
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
from sagemaker_rt.transport import error_mapping
from sagemaker_rt.transport.connection_closing import abort
from sagemaker_rt.transport.error_mapping import Stage
from sagemaker_rt.transport.response_framing import unfit
from sagemaker_rt.transport.time_limits import Wait, Watchdog

__all__ = ["Arrived", "Download", "received"]

_OK: Final = range(200, 300)


def received(
    response: aiohttp.ClientResponse, request: Request, watchdog: Watchdog, *, host: str
) -> Response:
    """Return *response* to *request*, in this library's terms.

    Raises:
        DeserializationError: Only the end of the connection would end the body, so
            that nobody could tell a part from the whole; or the body is in a coding
            that was not asked for.
    """
    headers, content = _headers(response), response.content
    body: Arrived | Download
    if content.is_eof() and response.connection is None:
        body = Arrived(content.read_nowait(), host=host)
    else:
        body = Download(response, request, watchdog, host=host)
    problem = unfit(response) if response.status in _OK else None
    if problem is not None:
        body.release()
        failed = DeserializationError(f"response body from {host} {problem}")
        failed.http_status = response.status
        raise failed
    return Response(response.status, headers, body)


class Arrived(AsyncIterator[bytes]):
    """A body that was there with its head, as an `http.ResponseBody`."""

    __slots__ = ("_body", "_host")

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
        """Do nothing: the connection has gone back to the pool."""


class Download(AsyncIterator[bytes]):
    """The body of *response*, as an `http.ResponseBody`; for one reader at a time.

    Dropping it before its end is reached or it is released is a mistake, and warned of;
    the connection is closed then.
    """

    __slots__ = (
        "_body_limit",
        "_content",
        "_deadline",
        "_host",
        "_is_released",
        "_limit",
        "_loss",
        "_response",
        "_until",
        "_watchdog",
    )

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
        self._limit = request.timeouts.read
        self._loss: Callable[[], object] | None = None
        self._body_limit = request.timeouts.body
        self._until = inf
        if self._body_limit is not None:
            self._until = watchdog.loop.time() + self._body_limit
        self._watchdog = watchdog

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has arrived already, else None; takes no time."""
        content = self._content
        if content.is_eof() and content.exception() is None:
            return content.read_nowait()
        return None

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
            TruncatedBodyError: The connection was lost before its end.
            RequestTimeoutError: It did not go on for ``read_timeout``, or was not whole
                after ``stream_timeout``.
        """
        size = self._response.content_length or 0
        chunks: list[bytes] = []
        if size <= limit:
            size = 0
            while size <= limit and (chunk := await self._next()):
                chunks.append(chunk)
                size += len(chunk)
        if size > limit:
            self.release()
            raise _too_large(limit, host=self._host)
        return b"".join(chunks)

    def iter_chunks(self) -> Self:
        """Yield the body as it arrives; raises as `read` does."""
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._next()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def release(self) -> None:
        """Close the connection if the body has not arrived to its end."""
        self._is_released = True
        if self._loss is not None:
            self._loss()
            self._loss = None
        _abort(self._response)

    def __del__(self) -> None:
        response = self._response
        connection = response.connection
        if connection is None or self._is_released or self._content.is_eof():
            return
        message = f"a response body from {self._host} was dropped before its end"
        warnings.warn(message, ResourceWarning, stacklevel=1, source=self)
        try:
            # whoever collects garbage may do so in any thread
            self._watchdog.loop.call_soon_threadsafe(_abort, response)
        except RuntimeError:  # the loop is closed, and all that went on in it is over
            with contextlib.suppress(RuntimeError):
                response.close()
                connection.close()

    async def _next(self) -> bytes:
        """Return what has arrived, or arrives next; ``b""`` at the end."""
        content = self._content
        error = content.exception()
        if self._is_released:
            message = "the response body was released, and cannot be read any more"
            raise ClientStateError(message)
        if self._is_late() and not content.is_eof():
            self.release()
            raise self._late()
        if error is None:
            chunk = content.read_nowait()
            return chunk if chunk or content.is_eof() else await self._arrival()
        # what came before the connection broke is good, but read_nowait would raise
        chunk = content._read_nowait(-1)  # noqa: SLF001 - there is no public way to it
        if chunk:
            return chunk
        self.release()
        raise error_mapping.failure(error, Stage.BODY, host=self._host) or error

    async def _arrival(self) -> bytes:
        self._notice_loss()
        left = self._until - self._watchdog.loop.time()
        gap = self._limit
        limit = left if gap is None or left < gap else gap
        wait = Wait(self._watchdog, limit if limit < inf else None, self._deadline)
        try:
            chunk = await self._content.readany()
        except BaseException as error:
            failed = self._failed(error, wait)
            self.release()
            if failed is None:
                raise
        else:
            wait.stop()
            return chunk
        raise failed

    def _failed(self, error: BaseException, wait: Wait) -> SageMakerRuntimeError | None:
        if not wait.stop():
            return error_mapping.failure(error, Stage.BODY, host=self._host)
        if self._watchdog.is_closed:
            return error_mapping.closed(Stage.BODY, host=self._host)
        if self._is_late():
            return self._late()
        return error_mapping.timeout(Stage.BODY, wait.limit, host=self._host)

    def _is_late(self) -> bool:
        return self._watchdog.loop.time() >= self._until

    def _late(self) -> SageMakerRuntimeError:
        limit = f"a time limit of {self._body_limit:g} s for the body"
        return error_mapping.timeout(Stage.BODY, limit, host=self._host)

    def _notice_loss(self) -> None:
        """Have the reader woken when the connection is lost.

        aiohttp does not do that when the chunks of a body are malformed, or when the
        session is closed meanwhile.
        """
        connection = self._response.connection
        protocol = None if connection is None else connection.protocol
        closed = None if protocol is None else protocol.closed
        if closed is None or self._loss is not None:
            return
        closed.remove_done_callback(_retrieve)
        closed.add_done_callback(_retrieve)
        wake = partial(_wake, self._content)
        closed.add_done_callback(wake)
        self._loss = partial(closed.remove_done_callback, wake)


def _too_large(limit: int, *, host: str) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"response body from {host} exceeds {limit} bytes")


def _retrieve(closed: asyncio.Future[None]) -> None:
    """Keep asyncio from logging that nobody asked why a connection was lost."""
    if not closed.cancelled():
        closed.exception()


def _wake(content: aiohttp.StreamReader, _: asyncio.Future[None]) -> None:
    if not content.is_eof() and content.exception() is None:
        content.set_exception(aiohttp.ClientPayloadError("the connection was lost"))


def _abort(response: aiohttp.ClientResponse) -> None:
    """Drop the connection at once, if *response* still holds it."""
    connection = response.connection
    if connection is None:
        return
    transport = connection.transport
    response.close()
    if transport is not None:
        abort(transport)


def _headers(response: aiohttp.ClientResponse) -> Headers:
    items = response.headers
    lower = {name.lower(): value for name, value in items.items()}
    if len(lower) < len(items):
        lower = {name: ", ".join(items.getall(name)) for name in lower}
    if not "".join(lower.values()).isascii():
        lower = {name: _text(value) for name, value in lower.items()}
    return Headers.of(lower)


def _text(value: str) -> str:
    """Decode *value* as Latin-1, the field's old encoding, if it is no UTF-8."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
