"""What Linux knows of a TCP connection: how much the other side has acknowledged.

A request on a reused connection may meet a server that has just closed it. If no byte
was acknowledged since before the request was written, and the connection then ended in
an orderly way, none was delivered. No other system tells that.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Final

__all__ = ["bytes_acked"]

# struct tcp_info of linux/tcp.h, Linux 4.1: tcpi_bytes_acked, behind 8 bytes of small
# fields, 24 numbers of 4 bytes, and two rates of 8
_OFFSET: Final = 120
_SIZE: Final = _OFFSET + 8
_NUMBER: Final = struct.Struct("=Q")
_OPTION: Final = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None


def bytes_acked(transport: asyncio.BaseTransport | None) -> int | None:
    """Return how many bytes *transport*'s other side has acknowledged so far.

    None where nobody can tell: on other systems, on older ones, and for what is no open
    TCP connection.
    """
    if _OPTION is None or transport is None:
        return None
    connected: socket.socket | None = transport.get_extra_info("socket")
    if connected is None:
        return None
    try:
        info = connected.getsockopt(socket.IPPROTO_TCP, _OPTION, _SIZE)
    except OSError:
        return None
    if len(info) < _SIZE:
        return None
    acked: int = _NUMBER.unpack_from(info, _OFFSET)[0]
    return acked
