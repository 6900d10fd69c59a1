"""One exchange, straight over aiohttp's pool of connections.

`aiohttp.ClientSession.request` sees to redirects, cookies, passwords, proxies and
traces in every call. All of that is off here, and to find it off takes a good part of a
call's time. Where the session is our own, a request therefore goes the short way that
the session would take with it in the end.

That way is not a public one, so it is taken with the releases alone that it was tested
with; with any other, the session does the same in more time.
"""

from __future__ import annotations

from typing import Final

import aiohttp
from aiohttp.helpers import TimerNoop

from sagemaker_rt.transport.aiohttp_request import ExactRequest
from sagemaker_rt.transport.connection_pool import ObservedProtocol
from sagemaker_rt.transport.response_framing import NotedResponse

__all__ = ["IS_POSSIBLE", "NO_TIMER", "exchange"]

IS_POSSIBLE: Final = aiohttp.__version__.startswith("3.14.")
"""Whether aiohttp is of a release that `exchange` was tested with."""

NO_TIMER: Final = TimerNoop()
"""The timer of a request whose time is watched elsewhere."""
_NO_LIMIT: Final = aiohttp.ClientTimeout(
    total=None, connect=None, sock_connect=None, sock_read=None
)


async def exchange(
    session: aiohttp.ClientSession, request: ExactRequest
) -> aiohttp.ClientResponse:
    """Do what ``session.request`` would, for a session that is all ours.

    Raises:
        aiohttp.ClientError: As the session does; the connection is closed.
    """
    connector = session.connector
    if connector is None:
        message = "Session is closed"
        raise RuntimeError(message)
    try:
        connection = await connector.connect(request, traces=[], timeout=_NO_LIMIT)
        try:
            return await _over(connection, request)
        except BaseException:
            connection.close()
            raise
    except aiohttp.ClientError:
        raise
    except OSError as error:
        raise aiohttp.ClientOSError(*error.args) from error


async def _over(
    connection: aiohttp.connector.Connection, request: ExactRequest
) -> aiohttp.ClientResponse:
    protocol = connection.protocol
    if protocol is None:
        message = "the connection was closed before it was used"
        raise ConnectionResetError(message)
    protocol.set_response_params(
        timer=NO_TIMER, read_until_eof=True, auto_decompress=False
    )
    observed = protocol if isinstance(protocol, ObservedProtocol) else None
    if observed is not None:
        observed.is_chunked = None
    response = await request.send(connection)
    try:
        if observed is not None and isinstance(response, NotedResponse):
            # what that start finds out by a detour is known here
            await aiohttp.ClientResponse.start(response, connection)
            response.is_chunked = bool(observed.is_chunked)
        else:
            await response.start(connection)
    except BaseException:
        response.close()
        raise
    return response
