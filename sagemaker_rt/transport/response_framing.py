"""Checks that the end of a response body can be recognized (RFC 9112, section 6.3).

``Content-Length`` or the last chunk ends a body. If only the end of the connection
does, a truncated body looks like a complete one, so such a response is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from sagemaker_rt.transport import expect_continue
from sagemaker_rt.transport.recording_protocol import RecordingProtocol

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

__all__ = ["FramedResponse", "framing_problem"]

_FIRST_FINAL_STATUS: Final = 200
_SWITCHING_PROTOCOLS: Final = 101
_PARTIAL_CONTENT: Final = 206


class FramedResponse(aiohttp.ClientResponse):
    """A response that knows whether the parser reads its body as chunks.

    The headers alone do not decide: the two parsers of aiohttp disagree on which
    spellings of ``Transfer-Encoding: chunked`` they accept.
    """

    is_chunked = False
    """Whether the parser reads the body as chunks."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Wait for the headers, and record whether the body is chunked."""
        protocol = connection.protocol
        if isinstance(protocol, RecordingProtocol):
            protocol.is_chunked = None
            await super().start(connection)
            self.is_chunked = bool(protocol.is_chunked)
            return self
        if protocol is not None:
            await self._record_framing(protocol)
        return await super().start(connection)

    async def _record_framing(self, protocol: ResponseHandler) -> None:
        """Record whether the body is chunked, with a protocol of a caller's session.

        Only the queue of the protocol has the parser's result, and can only be read
        from its start. So all is taken out of the queue, and put back in the same
        order.
        """
        try:
            message = await protocol.read()
            while self._is_interim(message[0].code):
                if self._continue is not None:
                    expect_continue.send_body(self._continue)
                    self._continue = None
                message = await protocol.read()
        except aiohttp.http.HttpProcessingError:
            return  # `start` of the base class raises it again, with more details
        self.is_chunked = message[0].chunked
        following = [await protocol.read() for _ in range(len(protocol))]
        for item in (message, *following):
            protocol.feed_data(item, 0)

    @staticmethod
    def _is_interim(status: int) -> bool:
        return status < _FIRST_FINAL_STATUS and status != _SWITCHING_PROTOCOLS


def framing_problem(response: aiohttp.ClientResponse) -> str | None:
    """Return why the body of *response* could be incomplete; None if it cannot."""
    if response.status == _PARTIAL_CONTENT:
        return f"is partial, but no range was requested: HTTP {_PARTIAL_CONTENT}"
    if response.content is aiohttp.EMPTY_PAYLOAD:
        return None
    codings = response.headers.getall("Transfer-Encoding", [])
    is_chunked = isinstance(response, FramedResponse) and response.is_chunked
    if not codings and not is_chunked and "Content-Length" in response.headers:
        return None
    if not codings or not is_chunked:
        return "has no length, so a truncated body could not be detected"
    if [coding.lower() for coding in codings] != ["chunked"]:
        return f"has an unrequested transfer coding: {', '.join(codings)!r:.200}"
    return None
