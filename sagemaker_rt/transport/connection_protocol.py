"""Observes what a connection of aiohttp receives, by the public API of asyncio.

`ConnectionProtocol` takes the place of aiohttp's protocol, and passes everything on.
"""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import Sized
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from sagemaker_rt.transport.tcp_info import bytes_acked

if TYPE_CHECKING:
    from sagemaker_rt.transport.lost_connection import LostConnection

__all__ = ["ConnectionProtocol"]

# Seconds of idleness after which the socket is polled before reuse. The server may have
# closed the connection while the event loop was blocked, or the process frozen, so that
# the loop has not read the end yet.
_UNCHECKED_AGE: Final = 0.1
_MAX_HEAD_BYTES: Final = 1 << 16
# By default, asyncio allocates 256 KiB before each read, which the C library maps and
# unmaps every time: 20 microseconds a call.
_READ_BYTES: Final = 64 * 1024


class ConnectionProtocol(asyncio.Protocol):
    """The protocol of one connection, around *inner*, the protocol of aiohttp."""

    def __init__(self, transport: asyncio.Transport, inner: asyncio.Protocol) -> None:
        self.transport: Final = transport
        self._inner: Final = inner
        self._idle_since: float | None = None
        self._received: list[bytes] | None = None
        self._received_bytes = 0
        self._is_lost = False
        self._is_started = False
        self.is_reused = False
        """Whether it was used for a request before the present one."""
        self.acked_at_end: int | None = None
        """`bytes_acked` when the server ended the connection; it is closed later."""
        self.lost_connection: LostConnection | None = None
        """Reads the response after a write has failed, while a body is uploaded."""
        self._content: aiohttp.StreamReader | None = None
        self._is_doubtful = False

    @classmethod
    def of(cls, transport: asyncio.Transport) -> ConnectionProtocol:
        """Return the one of *transport*, or a new one."""
        current: Any = transport.get_protocol()
        if isinstance(current, cls):
            return current
        new = cls(transport, current)
        transport.set_protocol(new)
        if hasattr(transport, "max_size"):
            setattr(transport, "max_size", _READ_BYTES)  # noqa: B010 - not in the stubs
        return new

    def start(self) -> list[bytes]:
        """Record that a request is sent next.

        Returns a list to which the first 64 KiB that are received are appended.
        """
        self.is_reused, self._is_started = self._is_started, True
        self._idle_since = self.acked_at_end = self._content = None
        self._received, self._received_bytes = [], 0
        return self._received

    def stop_recording(self) -> None:
        """Append no more to the list of `start`."""
        self._received = None

    def watch(self, content: aiohttp.StreamReader) -> None:
        """Wake the reader of *content* when the connection is lost.

        aiohttp does not do so if a chunk was malformed, or if the session is closed.
        """
        if self._is_lost:
            _end(content)
        else:
            self._content = content

    def start_idling(self) -> None:
        """Record that the connection is idle; received data then closes it."""
        self._idle_since = monotonic()
        self._received = self._content = None

    def refuse_reuse(self) -> None:
        """Use the connection for no other request: the server may close it."""
        self._is_doubtful = True
        if self._idle_since is not None:
            self.transport.close()

    @property
    def is_new(self) -> bool:
        """Whether it was not used for a request yet."""
        return not self._is_started

    def is_usable(self) -> bool:
        """Return whether the next response can only be that of a new request."""
        idle_since = self._idle_since
        if self._is_doubtful or self.transport.is_closing():
            return False
        # The length of aiohttp's protocol is that of its queue of responses. One that
        # is queued now answers no request, and must not answer the next one.
        if isinstance(self._inner, Sized) and len(self._inner):
            return False
        is_old = idle_since is not None and monotonic() - idle_since > _UNCHECKED_AGE
        return not (is_old and _is_readable(self.transport))

    def feed(self, data: bytes) -> None:
        """Pass *data* to aiohttp, as if the server had sent it."""
        self._inner.data_received(data)

    def data_received(self, data: bytes) -> None:
        """Pass *data* on, if it can be the response to a request."""
        if self._idle_since is not None:
            self.transport.abort()
            return
        received = self._received
        if received is not None and self._received_bytes < _MAX_HEAD_BYTES:
            received.append(data)
            self._received_bytes += len(data)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Record how much the server had acknowledged; the connection closes."""
        self.acked_at_end = bytes_acked(self.transport)
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Read what was received before a write failed; wake the reader of a body."""
        if exc is not None and self.lost_connection is not None:
            received = self.lost_connection.read()
            if received:
                self.data_received(received)
        self._inner.connection_lost(exc)
        self._is_lost = True
        content, self._content = self._content, None
        if content is not None:
            _end(content)


def _end(content: aiohttp.StreamReader) -> None:
    if not content.is_eof() and content.exception() is None:
        content.set_exception(aiohttp.ClientPayloadError("the connection was lost"))


def _is_readable(transport: asyncio.Transport) -> bool:
    """Return whether an idle connection has data to read: most likely, its end."""
    if sys.platform == "win32":
        return False
    poll = select.poll()
    socket: Any = transport.get_extra_info("socket")
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
