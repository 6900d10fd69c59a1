"""The tunnel through a proxy, by the method CONNECT of HTTP/1.1."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from sagemaker_rt.errors import ConnectError
from sagemaker_rt.sansio.proxy_servers import ProxyServer
from sagemaker_rt.transport.error_mapping import refusal_of_proxy

__all__ = ["open_tunnel"]

_MAX_HEAD: Final = 64 * 1024
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_PROXY_AUTHENTICATION_REQUIRED: Final = 407


class _TunnelProtocol(asyncio.Protocol):
    """Sends CONNECT, and receives the head of the response."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._received = b""
        self.head: Final = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self.head.done():
            return
        end = self._received.find(_END)
        if end >= 0 or len(self._received) > _MAX_HEAD:
            self.head.set_result(self._received[: end + 4 if end >= 0 else None])

    def connection_lost(self, _: Exception | None) -> None:
        if not self.head.done():
            self.head.set_result(b"")


async def open_tunnel(
    proxy: ProxyServer, authority: str, *, host: str
) -> asyncio.Transport:
    """Connect to *authority* through *proxy*, and return the transport.

    Args:
        authority: The host and the port to connect to.
        host: The host, for errors.

    Raises:
        ConnectError: The proxy refused.
        OSError: The proxy cannot be reached.
    """
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    request = ("\r\n".join(lines)).encode() + _END
    loop = asyncio.get_running_loop()
    is_tls = proxy.scheme == "https"
    transport, protocol = await loop.create_connection(
        lambda: _TunnelProtocol(request), proxy.host, proxy.port, ssl=is_tls or None
    )
    try:
        head = await protocol.head
        _require_success(head, host)
    except BaseException:
        transport.abort()
        raise
    return transport


def _require_success(head: bytes, host: str) -> None:
    found = _STATUS.match(head)
    status = int(found[1]) if found else 0
    if 200 <= status <= 299 and head.endswith(_END):  # noqa: PLR2004 - success
        return
    reason = refusal_of_proxy(status) if found else "it did not respond in HTTP"
    error = ConnectError(f"proxy did not connect to {host}: {reason}")
    error.is_retryable = status != _PROXY_AUTHENTICATION_REQUIRED
    raise error
