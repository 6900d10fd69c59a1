"""The end of a connection whose exchange has failed: at once, with nothing flushed."""

from __future__ import annotations

import asyncio

__all__ = ["abort"]

_CLOSED = -1


def abort(transport: asyncio.Transport) -> None:
    """Drop *transport*'s connection, unless it is closed already.

    Closing instead would go on sending what waits to be sent, be it for ever.
    """
    connected = transport.get_extra_info("socket")
    # asyncio's transport fails if it was closed by itself after its last byte
    if connected is None or connected.fileno() != _CLOSED:
        transport.abort()
