"""One connection: its socket, its TLS, and the request and response on it."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from sagemaker_rt.transport.native.download import Download
from sagemaker_rt.transport.native.native_errors import ConnectionEndedError
from sagemaker_rt.transport.native.response_parser import ResponseParser
from sagemaker_rt.transport.tcp_info import socket_bytes_acked

if TYPE_CHECKING:
    import asyncio

    from sagemaker_rt.transport.native.route import Route
    from sagemaker_rt.transport.native.tls import TLSStream

__all__ = ["READ_BYTES", "Connection", "Owner", "Wire"]

READ_BYTES: Final = 1 << 16
# Seconds of idleness after which the socket is read before reuse. The server may have
# closed the connection while the event loop was blocked, or the process frozen, so that
# the loop has not read the end yet.
_UNCHECKED_AGE: Final = 0.1


class Owner(Protocol):
    """The pool of a connection."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the connections."""
        ...

    def release(self, connection: Connection) -> None:
        """Take back *connection*, which can be used for another request."""
        ...

    def forget(self, connection: Connection) -> None:
        """Remove *connection*, which is closed."""
        ...


class Wire(NamedTuple):
    """A connected socket, and what was sent on it while it was connected."""

    socket: socket.socket
    tls: TLSStream | None
    sent: int
    """The bytes that were sent, in the TLS handshake and to a proxy."""
    acked_at_start: int | None
    """`tcp_info.socket_bytes_acked` before anything was sent."""


class Connection:
    """A connection to the server of *route*, which belongs to *pool*.

    The socket is read when it is readable, also while the connection is idle. It is
    written at once; what it does not take is written when it is writable.

    Args:
        wire: The socket, which the connection closes.
        buffer: The memory to read into; connections of one event loop can share it.
    """

    __slots__ = (
        "_buffer",
        "_descriptor",
        "_download",
        "_is_large",
        "_is_reading",
        "_is_uploading",
        "_loop",
        "_must_close",
        "_parser",
        "_pool",
        "_sent",
        "_sent_before",
        "_socket",
        "_tls",
        "_unsent",
        "_wire",
        "idle_since",
        "is_closed",
        "is_reused",
        "is_undelivered",
        "route",
    )

    def __init__(
        self, pool: Owner, route: Route, wire: Wire, buffer: memoryview
    ) -> None:
        self.route: Final = route
        self.is_closed = False
        self.is_reused = False
        """Whether a request was sent before the current one."""
        self.is_undelivered = False
        """Whether it is certain that nothing of the request was delivered."""
        self.idle_since = 0.0
        """The time of the event loop at which the connection became idle."""
        self._pool: Owner | None = pool
        self._loop: Final = pool.loop
        self._wire: Final = wire
        self._socket: Final = wire.socket
        self._tls: Final = wire.tls
        self._descriptor: Final = wire.socket.fileno()
        self._buffer: Final = buffer
        self._parser: Final = ResponseParser()
        self._download: Download | None = None
        self._is_reading = self._is_uploading = False
        self._is_large = self._must_close = False
        self._sent = self._sent_before = wire.sent
        self._unsent: memoryview | None = None
        self.resume_reading()

    def start(self, *, is_large: bool = False) -> Download:
        """Start a request; return its response, which is empty yet.

        Args:
            is_large: Whether the server may respond before it has read the request.
                After an error, it closes the connection, which may be seen only later.
        """
        self._is_uploading = True
        self._is_large = is_large
        self._sent_before = self._sent
        self._download = download = Download(self._loop, self)
        self._parser.start(download)
        return download

    def finish_upload(self, *, is_complete: bool) -> None:
        """Record that nothing more of the request will be written.

        Args:
            is_complete: Whether all of it was written. If not, the connection cannot
                be used for another request.
        """
        self._is_uploading = False
        self._must_close = not is_complete
        if self._download is not None and self._download.is_complete:
            self._finish()

    def is_usable(self, now: float) -> bool:
        """Return whether the idle connection can be used for a request at *now*."""
        if now - self.idle_since > _UNCHECKED_AGE:
            self.read()
        return not self.is_closed

    @property
    def has_unsent(self) -> bool:
        """Whether written bytes wait until the socket is writable."""
        return self._unsent is not None

    def write(self, data: bytes | memoryview) -> bool:
        """Send *data*, as far as the socket takes it; nothing else may be unsent.

        A failure ends the response, after what was received of it is read.

        Returns:
            Whether no byte waits until the socket is writable.
        """
        tls = self._tls
        if self.is_closed:
            return True
        if tls is None:
            self._send(data)
            return self._unsent is None
        try:
            encrypted = tls.encrypt(data)
        except ssl.SSLError as error:
            self._fail_write(error)
        else:
            self._send(encrypted)
        return self._unsent is None

    def read(self) -> bool:
        """Read what was received, at most `READ_BYTES`; return whether to go on."""
        try:
            size = self._socket.recv_into(self._buffer)
            if not size:
                self._lose(ConnectionEndedError("the server closed it"))
                return False
            if self._tls is None:
                self._feed(self._buffer[:size])
            else:
                self._feed_tls(self._tls, self._buffer[:size])
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            self._lose(error)
        return not self.is_closed

    def pause_reading(self) -> None:
        """Leave what is received to the kernel, so that the server has to wait."""
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._descriptor)

    def resume_reading(self) -> None:
        """Read what is received."""
        if not self._is_reading and not self.is_closed:
            self._is_reading = True
            self._loop.add_reader(self._descriptor, self.read)

    def close(self, *, is_clean: bool = False) -> None:
        """Close the connection at once; what is not sent yet is discarded.

        Args:
            is_clean: Whether TLS tells the server, which is useless after a failure.
        """
        if self.is_closed:
            return
        self.is_closed = True
        with suppress(RuntimeError):  # the event loop is closed
            self.pause_reading()
            if self._unsent is not None:
                self._loop.remove_writer(self._descriptor)
        self._unsent = None
        self._parser.close()
        download, self._download = self._download, None
        if download is not None and not download.is_complete:
            download.fail(ConnectionAbortedError("it was closed"))
        if is_clean and self._tls is not None:
            with suppress(OSError):
                self._socket.send(self._tls.close())
        self._socket.close()
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.forget(self)

    def _send(self, data: bytes | memoryview) -> None:
        try:
            sent = self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError as error:
            self._fail_write(error)
            return
        self._sent += sent
        if sent < len(data):
            self._unsent = memoryview(data)[sent:]
            self._loop.add_writer(self._descriptor, self._on_writable)

    def _on_writable(self) -> None:
        unsent, self._unsent = self._unsent, None
        self._loop.remove_writer(self._descriptor)
        if unsent is None or self.is_closed:
            return
        self._send(unsent)
        if self._unsent is None and self._download is not None:
            self._download.wake()

    def _fail_write(self, error: OSError) -> None:
        """Read the response of a server that has refused the request, if any."""
        error.__traceback__ = None  # its frame has the request
        while self.read():
            pass
        if not self.is_closed:
            self._lose(error)

    def _feed_tls(self, tls: TLSStream, data: memoryview) -> None:
        content = tls.decrypt(data)
        to_send = tls.outgoing()
        if content:
            self._feed(content)
        if tls.is_ended:
            self._lose(ConnectionEndedError("the server closed it"))
        elif to_send and not self.is_closed:
            if self._unsent is None:
                self._send(to_send)
            else:
                self._unsent = memoryview(b"".join((self._unsent, to_send)))

    def _feed(self, data: bytes | memoryview) -> None:
        download = self._download
        if download is None:
            self.close()  # it answers no request
            return
        self._parser.feed(data)
        if download.is_complete:
            if not self._is_uploading:
                self._finish()
        elif download.error is not None:
            self.close()

    def _finish(self) -> None:
        """Make the connection idle after a response, or close it."""
        download, self._download = self._download, None
        if (
            self._must_close
            or not self._parser.is_reusable
            or self._pool is None
            or (self._is_large and download is not None and download.is_error)
        ):
            self.close(is_clean=True)
            return
        self.is_reused = True
        if not self._is_reading:
            self.resume_reading()
        self._pool.release(self)

    def _lose(self, error: OSError) -> None:
        """End the connection, because of *error*."""
        error.__traceback__ = None
        if self.is_closed:
            return
        if self._download is not None:
            self.is_undelivered = self._is_undelivered(error)
            self._parser.end(error)
        self.close()

    def _is_undelivered(self, error: OSError) -> bool:
        """Return whether it is certain that nothing of the request was delivered.

        It is if the connection was reused, no byte of a response was received, and
        the kernel has taken no byte of the request; or if the connection ended without
        a reset, and the server has acknowledged no byte of the request.
        """
        if not self.is_reused or self._parser.has_received:
            return False
        if self._sent == self._sent_before:
            return True
        before = self._wire.acked_at_start
        if not isinstance(error, ConnectionEndedError) or before is None:
            return False
        acked = socket_bytes_acked(self._socket)
        return acked is not None and acked <= before + self._sent_before
