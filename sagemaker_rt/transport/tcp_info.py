"""Reads from Linux how many bytes the peer of a TCP connection has acknowledged.

A request on a reused connection can meet a server that has just closed it. If the
connection ended without a reset, and no byte was acknowledged since before the request
was written, then nothing of the request was delivered, and a retry is safe. No other
operating system reports the number.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Final

__all__ = ["bytes_acked", "socket_bytes_acked"]

# `struct tcp_info` of linux/tcp.h, since Linux 4.1: tcpi_bytes_acked comes after 8
# bytes of small fields, 24 fields of 4 bytes, and two rates of 8 bytes.
_OFFSET: Final = 120
_SIZE: Final = _OFFSET + 8
_UINT64: Final = struct.Struct("=Q")
_OPTION: Final = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None


def bytes_acked(transport: asyncio.BaseTransport | None) -> int | None:
    """Return how many bytes the peer of *transport* has acknowledged so far.

    None if that is unknown: on other systems and older kernels, and if *transport* is
    not an open TCP connection.
    """
    connected = None if transport is None else transport.get_extra_info("socket")
    return None if connected is None else socket_bytes_acked(connected)


def socket_bytes_acked(connected: socket.socket) -> int | None:
    """Return how many bytes the peer of *connected* has acknowledged so far.

    The result is None as that of `bytes_acked`.
    """
    if _OPTION is None:
        return None
    try:
        info = connected.getsockopt(socket.IPPROTO_TCP, _OPTION, _SIZE)
    except OSError:
        return None
    if len(info) < _SIZE:
        return None
    acked: int = _UINT64.unpack_from(info, _OFFSET)[0]
    return acked
