"""Converts responses of aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.sansio.header_values import decode_value
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.sansio.response_framing import framing_problem
from sagemaker_rt.transport.aiohttp_errors import AIOHTTP_ERRORS
from sagemaker_rt.transport.connection_closing import abort_response
from sagemaker_rt.transport.response_body import BufferedBody, StreamedBody
from sagemaker_rt.transport.response_framing import FramedResponse

if TYPE_CHECKING:
    from sagemaker_rt.transport.time_limits import Watchdog

__all__ = ["AiohttpContent", "convert_response"]


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
        body = StreamedBody(
            AiohttpContent(response),
            request,
            watchdog,
            host=host,
            errors=AIOHTTP_ERRORS,
        )
    problem = framing_problem(
        response.status,
        response.headers.getall("Transfer-Encoding", []),
        has_length="content-length" in headers.lower,
        is_chunked=isinstance(response, FramedResponse) and response.is_chunked,
        is_empty=content is aiohttp.EMPTY_PAYLOAD,
    )
    if problem is not None:
        body.release()
        error = DeserializationError(f"response body from {host} {problem}")
        error.http_status = response.status
        error.request_id = request_id(headers.lower)
        raise error
    return Response(response.status, headers, body)


class AiohttpContent:
    """The content of *response*; a `response_body.Content`."""

    __slots__ = ("_content", "_response", "_stop_watching")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._content = response.content
        self._stop_watching: Callable[[], object] | None = None

    @property
    def size(self) -> int | None:
        """The value of ``Content-Length``, if the response has it."""
        return self._response.content_length

    @property
    def is_held(self) -> bool:
        """Whether the response still has its connection."""
        return self._response.connection is not None

    def is_complete(self) -> bool:
        """Return whether the body was received to its end."""
        return self._content.is_eof() and self._content.exception() is None

    def error(self) -> BaseException | None:
        """Return the exception that ended the body, if any."""
        return self._content.exception()

    def take(self) -> bytes:
        """Return all bytes that are received and were not read; it does not wait."""
        if self._content.exception() is None:
            return self._content.read_nowait()
        # `read_nowait` would raise, although there is data from before the error.
        return self._content._read_nowait(-1)  # noqa: SLF001 - aiohttp has no public method

    async def receive(self) -> bytes:
        """Return the next bytes, or ``b""`` at the end; raise `error`."""
        self._watch_connection()
        return await self._content.readany()

    def abort(self) -> None:
        """Close the connection at once, if the response still has it."""
        if self._stop_watching is not None:
            self._stop_watching()
            self._stop_watching = None
        abort_response(self._response)

    def abandon(self) -> None:
        """Close the connection as `abort` does; its event loop is closed."""
        connection = self._response.connection
        with suppress(RuntimeError):
            self._response.close()
            if connection is not None:
                connection.close()

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
        lower = {
            name: decode_value(value.encode("utf-8", "surrogateescape"))
            for name, value in lower.items()
        }
    return Headers.of(lower)
