"""TLS over memory buffers, independent of the event loop.

The connection reads and writes its socket itself, so that it can read a response after
writing has failed, and knows how many bytes the kernel has taken.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Final

__all__ = ["TLSStream"]

_RECORD_BYTES: Final = 1 << 14  # what a record holds (RFC 8446, section 5.1)


class TLSStream:
    """The client side of one TLS connection.

    Args:
        server_hostname: The name for SNI, and for the check of the certificate.
        outer: The TLS connection to a proxy, inside which this one runs.
    """

    __slots__ = ("_incoming", "_object", "_outer", "_outgoing", "is_ended")

    def __init__(
        self,
        context: ssl.SSLContext,
        server_hostname: str,
        outer: TLSStream | None = None,
    ) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname
        )
        self._outer = outer
        self.is_ended = False
        """Whether the peer has ended the connection by TLS."""

    def is_connected(self) -> bool:
        """Continue the handshake; return whether it is complete.

        Call `outgoing` after it, also if it raises: the peer may get an alert.

        Raises:
            ssl.SSLError: The handshake failed.
        """
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def outgoing(self) -> bytes:
        """Return the bytes to send to the peer."""
        data = self._outgoing.read()
        if self._outer is None or not data:
            return data
        return self._outer.encrypt(data)

    def receive(self, data: bytes | memoryview) -> None:
        """Take *data* from the peer, for the handshake."""
        if self._outer is not None:
            data = self._outer.decrypt(data)
        self._incoming.write(data)

    def encrypt(self, data: bytes | memoryview) -> bytes:
        """Return the bytes to send for *data*."""
        sent = self._object.write(data)
        while sent < len(data):
            sent += self._object.write(memoryview(data)[sent:])
        return self.outgoing()

    def decrypt(self, data: bytes | memoryview) -> bytes:
        """Return the content of *data*, which is from the peer.

        Raises:
            ssl.SSLError: It is not valid TLS.
        """
        self.receive(data)
        parts: list[bytes] = []
        try:
            while part := self._object.read(_RECORD_BYTES):
                parts.append(part)
                if not self._incoming.pending:  # another read would raise
                    return part if len(parts) == 1 else b"".join(parts)
            self.is_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.is_ended = True
        return b"".join(parts)

    def close(self) -> bytes:
        """Return the bytes that tell the peer that the connection is closed."""
        # the peer has not confirmed it yet, or the handshake is incomplete
        with suppress(ssl.SSLError, ValueError):
            self._object.unwrap()
        return self.outgoing()
