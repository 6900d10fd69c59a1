"""The socket of a connection, which delivers a response although writing fails."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sagemaker_rt.transport.socket_options import set_options

if TYPE_CHECKING:
    from aiohttp.connector import AddrInfoType

__all__ = ["ConnectionSocket", "keepalive_socket", "plain_socket"]


class ConnectionSocket(socket.socket):
    """A socket that goes on when the server refuses a request before it has read it.

    Such a server sends its response and closes the connection, which makes the next
    write fail. asyncio then closes the connection without reading what was received.
    Here the write seems to succeed while there is a response to read. The end of the
    connection is found by reading, after the response.
    """

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send *data*, or discard it if the server has responded and closed."""
        try:
            return super().send(data, flags)
        except ConnectionError:
            if not self._has_response():
                raise
            return memoryview(data).nbytes

    def sendmsg(self, buffers: Iterable[Any], /, *arguments: Any) -> int:
        """Send *buffers*, or discard them if the server has responded and closed."""
        buffers = list(buffers)
        try:
            return super().sendmsg(buffers, *arguments)
        except ConnectionError:
            if not self._has_response():
                raise
            return sum(memoryview(buffer).nbytes for buffer in buffers)

    def _has_response(self) -> bool:
        """Return whether there is received data that was not read yet."""
        try:
            return bool(self.recv(1, socket.MSG_PEEK))
        except OSError:
            return False


def plain_socket(address: AddrInfoType) -> socket.socket:
    """Return a socket for *address*."""
    family, kind, protocol, _, _ = address
    return ConnectionSocket(family, kind, protocol)


def keepalive_socket(address: AddrInfoType) -> socket.socket:
    """Return a socket for *address* with TCP keep-alive probes.

    The probes start after 30 seconds of silence.
    """
    result = plain_socket(address)
    set_options(result, is_probed=True)
    return result
