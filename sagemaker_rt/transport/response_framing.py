"""Records how aiohttp finds the end of a response body.

`sansio.response_framing` decides whether a truncated body would be noticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from sagemaker_rt.transport import expect_continue
from sagemaker_rt.transport.recording_protocol import RecordingProtocol

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

__all__ = ["FramedResponse"]

_FIRST_FINAL_STATUS: Final = 200
_SWITCHING_PROTOCOLS: Final = 101


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
