"""The options of the sockets of connections."""

from __future__ import annotations

import socket
from typing import Final

__all__ = ["set_options"]

# NAT gateways and firewalls drop connections that are silent for minutes, as one is
# while a model computes.
_KEEPALIVE_SECONDS: Final = 30


def set_options(new: socket.socket, *, is_probed: bool) -> None:
    """Set the options of a socket that is not connected yet.

    Args:
        is_probed: Whether it sends TCP keep-alive probes, after 30 seconds of silence.
    """
    new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not is_probed:
        return
    new.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL"):
        option = getattr(socket, name, None)  # the names differ between systems
        if option is not None:
            new.setsockopt(socket.IPPROTO_TCP, option, _KEEPALIVE_SECONDS)
