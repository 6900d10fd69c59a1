"""Closes connections at once, without sending what is still buffered.

``close()`` of an asyncio transport first sends its write buffer. A peer that does not
read can delay that forever, so failed requests and responses that are not read to
their end are aborted instead.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import aiohttp

__all__ = ["abort_connection", "abort_response", "abort_response_of"]

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


def abort_response_of(
    loop: asyncio.AbstractEventLoop, response: aiohttp.ClientResponse
) -> None:
    """Close the connection of *response*, which belongs to *loop*, from any thread.

    *loop* need not be the running event loop, and may be closed.
    """
    if loop is asyncio._get_running_loop():  # noqa: SLF001 - the public one raises
        abort_response(response)
        return
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(abort_response, response)
        return
    connection = response.connection  # of a closed loop: nothing else uses it
    with suppress(RuntimeError):
        response.close()
        if connection is not None:
            connection.close()
