"""Sends a request on a pooled connection, without `aiohttp.ClientSession.request`.

That method handles redirects, cookies, authentication, proxies and traces in every
call. `AiohttpClient` turns all of these off, and skipping the checks saves a good part
of the time of a call. With a session that `AiohttpClient` owns and without proxies, a
request is therefore sent by the steps that the session would take in the end.

The steps use private names of aiohttp, so they are only used with releases that they
were tested with. With any other release, the session sends the request.
"""

from __future__ import annotations

from typing import Final

import aiohttp
from aiohttp.helpers import TimerNoop

from sagemaker_rt.transport.aiohttp_request import ExactRequest

__all__ = ["NO_TIMER", "send_request"]

NO_TIMER: Final = TimerNoop()
"""aiohttp's timer of a request, which does nothing: `time_limits` has the timer."""
_NO_LIMIT: Final = aiohttp.ClientTimeout(
    total=None, connect=None, sock_connect=None, sock_read=None
)


async def send_request(
    session: aiohttp.ClientSession, request: ExactRequest
) -> aiohttp.ClientResponse:
    """Send *request*, and return when the response headers are received.

    Raises:
        aiohttp.ClientError: As ``session.request`` raises; the connection is closed.
    """
    connector = session.connector
    if connector is None:
        message = "Session is closed"
        raise RuntimeError(message)
    try:
        connection = await connector.connect(request, traces=[], timeout=_NO_LIMIT)
        try:
            return await _send_on(connection, request)
        except BaseException:
            connection.close()
            raise
    except aiohttp.ClientError:
        raise
    except OSError as error:
        raise aiohttp.ClientOSError(*error.args) from error


async def _send_on(
    connection: aiohttp.connector.Connection, request: ExactRequest
) -> aiohttp.ClientResponse:
    protocol = connection.protocol
    if protocol is None:
        message = "it was closed before the request was written"
        raise ConnectionResetError(message)
    protocol.set_response_params(
        timer=NO_TIMER, read_until_eof=True, auto_decompress=False
    )
    response = await request.send(connection)
    try:
        await response.start(connection)
    except BaseException:
        response.close()
        raise
    return response
