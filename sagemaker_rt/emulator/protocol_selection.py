"""Selects the protocol of a connection by its first bytes.

HTTP/2 with prior knowledge, and by ALPN, begins with a preface (RFC 9113, section 3.4).
Everything else is HTTP/1.1. So one port serves all operations.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

__all__ = ["ProtocolSelection"]

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class ProtocolSelection(asyncio.Protocol):
    """Receives the first bytes of a connection, and passes it on.

    Args:
        http1: Makes the protocol of an HTTP/1.1 connection.
        http2: Makes the protocol of an HTTP/2 connection.
        waiting: The transports of connections without a first byte; their owner closes
            them.
    """

    def __init__(
        self,
        http1: Callable[[], asyncio.Protocol],
        http2: Callable[[], asyncio.Protocol],
        waiting: set[asyncio.Transport],
    ) -> None:
        self._http1: Final = http1
        self._http2: Final = http2
        self._waiting: Final = waiting
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first bytes."""
        self._transport = transport
        self._waiting.add(transport)

    def data_received(self, data: bytes) -> None:
        """Pass the connection on as soon as its protocol is certain."""
        self._received += data
        start = self._received[: len(_PREFACE)]
        if start == _PREFACE:
            self._pass_on(self._http2())
        elif not _PREFACE.startswith(start):
            self._pass_on(self._http1())

    def eof_received(self) -> bool:
        """Close the connection."""
        return False

    def connection_lost(self, _: Exception | None) -> None:
        """Forget the connection."""
        if self._transport is not None:
            self._waiting.discard(self._transport)

    def _pass_on(self, protocol: asyncio.Protocol) -> None:
        transport = self._transport
        assert transport is not None  # noqa: S101 - data follows connection_made
        self._waiting.discard(transport)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        protocol.data_received(self._received)
