"""Closes connections at once, without sending what is still buffered.

``close()`` of an asyncio transport first sends its write buffer. A peer that does not
read can delay that forever, so failed requests and responses that are not read to
their end are aborted instead.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import aiohttp

__all__ = ["abort_connection", "abort_response"]

_CLOSED_FILENO: Final = -1


def abort_connection(transport: asyncio.Transport) -> None:
    """Close the connection of *transport* at once, unless it is closed already."""
    connected = transport.get_extra_info("socket")
    # asyncio's transport drops its event loop when it has closed itself after its last
    # byte. `abort` would fail then.
    if connected is None or connected.fileno() != _CLOSED_FILENO:
        transport.abort()


def abort_response(response: aiohttp.ClientResponse) -> None:
    """Close the connection of *response* at once, if the response still holds it."""
    connection = response.connection
    if connection is None:
        return
    transport = connection.transport
    response.close()
    if transport is not None:
        abort_connection(transport)
