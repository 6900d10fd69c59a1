"""The protocol of a connection, which records facts that aiohttp discards."""

from __future__ import annotations

from typing import Any, Final

from aiohttp.client_proto import ResponseHandler

from sagemaker_rt.transport.lost_connection import LostConnection
from sagemaker_rt.transport.tcp_info import bytes_acked

__all__ = ["RecordingProtocol"]

_FIRST_FINAL_STATUS: Final = 200
_FIRST_ERROR_STATUS: Final = 400


class RecordingProtocol(ResponseHandler):
    """The protocol of one connection."""

    acked_at_end: int | None = None
    """`bytes_acked` when the server ended the connection; the socket is closed later.
    """

    may_be_refused_early = False
    """Whether the request is so large that a server may refuse it before it reads it.
    """

    lost_connection: LostConnection | None = None
    """Reads the response after a write has failed, while a body is uploaded."""

    is_chunked: bool | None = None
    """Whether the parser reads the body as chunks; None before the final headers."""

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Record whether the body is chunked; *data* is headers and body reader."""
        status = data[0].code
        if self.is_chunked is None and status >= _FIRST_FINAL_STATUS:
            self.is_chunked = data[0].chunked
        if self.may_be_refused_early and status >= _FIRST_ERROR_STATUS:
            # The server closes the connection, which may be seen only later.
            self.force_close()
        super().feed_data(data, size)

    def eof_received(self) -> None:
        """Record how much the server had acknowledged; the connection closes."""
        self.acked_at_end = bytes_acked(self.transport)
        super().eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Read the response that was received before a write failed."""
        if exc is not None and self.lost_connection is not None:
            received = self.lost_connection.read()
            if received:
                self.data_received(received)
        super().connection_lost(exc)
