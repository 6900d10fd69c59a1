"""Reads what a connection of uvloop received before a write failed.

uvloop closes the socket when a write fails, and the response of a server that refused
the request body is lost with it. Its own code writes, so a `ConnectionSocket`, which
does the same for asyncio, is not used.
"""

from __future__ import annotations

import os
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

__all__ = ["LostConnection"]

_READ_BYTES: Final = 64 * 1024
_CLOSED: Final = -1


class LostConnection:
    """A second file descriptor for the connection of *transport*.

    It keeps the received bytes after uvloop has closed the first one. With another
    event loop, there is none. The owner calls `close`.
    """

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self._descriptor = _CLOSED
        self._tls: Any = None
        self._ssl_object: ssl.SSLObject | None = None
        if type(transport).__module__.startswith("uvloop"):
            self._tls = transport.get_extra_info("uvloop.sslproto")
            self._ssl_object = transport.get_extra_info("ssl_object")
            self._descriptor = os.dup(transport.get_extra_info("socket").fileno())

    def close(self) -> None:
        """Close the file descriptor; idempotent."""
        if self._descriptor != _CLOSED:
            os.close(self._descriptor)
            self._descriptor = _CLOSED

    def read(self) -> bytes:
        """Return the received bytes, without TLS, and close the file descriptor."""
        if self._descriptor == _CLOSED:
            return b""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        received = _read_and_close(descriptor)
        if self._tls is None or self._ssl_object is None:
            return received
        self._pass_to_tls(received)
        parts: list[bytes] = []
        with suppress(ssl.SSLError):  # nothing is left, or the rest is incomplete
            while part := self._ssl_object.read(_READ_BYTES):
                parts.append(part)
        return b"".join(parts)

    def _pass_to_tls(self, received: bytes) -> None:
        """Put *received* where the SSL object reads; uvloop itself does no more."""
        view = memoryview(received)
        while view:
            buffer = self._tls.get_buffer(len(view))
            size = min(len(buffer), len(view))
            buffer[:size] = view[:size]
            self._tls.buffer_updated(size)
            view = view[size:]


def _read_and_close(descriptor: int) -> bytes:
    parts: list[bytes] = []
    with socket.socket(fileno=descriptor) as connected, suppress(OSError):
        connected.setblocking(False)
        while part := connected.recv(_READ_BYTES):
            parts.append(part)
    return b"".join(parts)
