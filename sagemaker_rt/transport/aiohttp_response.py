"""Converts responses of aiohttp."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.sansio.header_values import decode_value
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.sansio.response_framing import framing_problem, is_chunked
from sagemaker_rt.transport.aiohttp_errors import AIOHTTP_ERRORS
from sagemaker_rt.transport.connection_closing import abort_response
from sagemaker_rt.transport.response_body import BufferedBody, StreamedBody

if TYPE_CHECKING:
    from sagemaker_rt.transport.connection_protocol import ConnectionProtocol
    from sagemaker_rt.transport.request_body import RequestBody
    from sagemaker_rt.transport.time_limits import Watchdog

__all__ = ["AiohttpContent", "convert_response"]

_NO_ERROR: Final[Any] = None


def convert_response(
    response: aiohttp.ClientResponse, request_body: RequestBody, watchdog: Watchdog
) -> Response:
    """Return *response* to the request of *request_body* as a `Response`.

    Raises:
        DeserializationError: The response is a success, and its body could be
            truncated without notice, or has an unrequested transfer coding.
    """
    headers, content = _headers(response), response.content
    request, host = request_body.request, request_body.host
    body: BufferedBody | StreamedBody
    if content.is_eof() and response.connection is None:
        body = BufferedBody(content.read_nowait(), host=host)
    else:
        body = StreamedBody(
            AiohttpContent(response, request_body.protocol),
            request,
            watchdog,
            host=host,
            errors=AIOHTTP_ERRORS,
        )
    codings = response.headers.getall("Transfer-Encoding", [])
    problem = framing_problem(
        response.status,
        codings,
        has_length="content-length" in headers.lower,
        is_chunked=bool(codings) and is_chunked(request_body.received),
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
    """The content of *response*; a `response_body.Content`.

    Args:
        protocol: The protocol of the connection, which wakes the reader when the
            connection is lost.
    """

    __slots__ = ("_content", "_protocol", "_response")

    def __init__(
        self, response: aiohttp.ClientResponse, protocol: ConnectionProtocol | None
    ) -> None:
        self._response = response
        self._content = response.content
        self._protocol = protocol

    @property
    def size(self) -> int | None:
        """The value of ``Content-Length``, if the response has it."""
        return self._response.content_length

    @property
    def is_held(self) -> bool:
        """Whether the response still has its connection."""
        return self._response.connection is not None

    @property
    def is_complete(self) -> bool:
        """Whether the body was received to its end."""
        return self._content.is_eof() and self._content.exception() is None

    @property
    def error(self) -> BaseException | None:
        """The exception that ended the body, if any."""
        return self._content.exception()

    def take(self) -> bytes:
        """Return all bytes that are received and were not read; it does not wait."""
        content, error = self._content, self._content.exception()
        if error is None:
            return content.read_nowait()
        # `read_nowait` would raise, although there is data from before the error.
        content.set_exception(_NO_ERROR)
        data = content.read_nowait()
        content.set_exception(error)
        return data

    async def receive(self) -> bytes:
        """Return the next bytes, or ``b""`` at the end; raise `error`."""
        if self._protocol is not None:
            self._protocol.watch(self._content)
        return await self._content.readany()

    def abort(self) -> None:
        """Close the connection at once, if the response still has it."""
        abort_response(self._response)

    def abandon(self) -> None:
        """Close the connection as `abort` does; its event loop is closed."""
        connection = self._response.connection
        with suppress(RuntimeError):
            self._response.close()
            if connection is not None:
                connection.close()


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
