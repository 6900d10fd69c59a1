"""The request for a tunnel through a proxy, and the reply to it (RFC 9110, 9.3.6)."""

from __future__ import annotations

import re
from typing import Final

from sagemaker_rt.transport.native.native_errors import ProxyRefusedError

__all__ = ["TunnelReply", "tunnel_request"]

_MAX_BYTES: Final = 1 << 16
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})( [^\r\n]*)?\r?\n")
_END: Final = re.compile(rb"\r?\n\r?\n")
_SUCCESS: Final = range(200, 300)
_START: Final = b"HTTP/1."


def tunnel_request(authority: str, authorization: str | None) -> bytes:
    """Return a request for a tunnel to *authority*, a host and port."""
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if authorization is not None:
        lines.append(f"Proxy-Authorization: {authorization}")
    return "\r\n".join([*lines, "", ""]).encode()


class TunnelReply:
    """The reply of a proxy, in any pieces."""

    def __init__(self) -> None:
        self._received = b""
        self.is_open = False
        """Whether the tunnel is open."""

    def feed(self, data: bytes) -> None:
        """Take *data* from the proxy.

        Raises:
            ProxyRefusedError: The proxy did not open a tunnel.
            OSError: The reply is not valid HTTP, or the tunnel has sent something.
        """
        self._received += data
        received = self._received
        if not received.startswith(_START[: len(received)]):
            message = "the reply of the proxy is not HTTP"
            raise ConnectionAbortedError(message)
        end = _END.search(received)
        if end is None:
            if len(received) > _MAX_BYTES:
                message = f"the reply of the proxy exceeds {_MAX_BYTES} bytes"
                raise ConnectionAbortedError(message)
            return
        line = _STATUS_LINE.match(received)
        if line is None:
            message = "the reply of the proxy is not HTTP"
            raise ConnectionAbortedError(message)
        status = int(line[1])
        if status not in _SUCCESS:
            raise ProxyRefusedError(status)
        if end.end() != len(received):
            message = "the proxy has sent data in the tunnel before the server"
            raise ConnectionAbortedError(message)
        self.is_open = True
