"""The connection pools: aiohttp's, which check a connection before it is reused.

Only `connect` is overridden, which is public.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import aiohttp

from sagemaker_rt.transport.connection_limits import ConnectionLimits
from sagemaker_rt.transport.connection_protocol import ConnectionProtocol
from sagemaker_rt.transport.request_body import RequestBody

if TYPE_CHECKING:
    from aiohttp.connector import Connection

__all__ = ["BorrowedConnector", "CheckedConnector"]

_Connect: TypeAlias = "Callable[..., Coroutine[Any, Any, Connection]]"


class CheckedConnector(aiohttp.TCPConnector):
    """A connection pool that checks idle connections before they are reused.

    A `RequestBody` is notified when its request has waited for its place in the pool,
    and when it has its connection.

    Args:
        limit: The maximum number of connections in use; 0 for no limit.
        limit_per_host: The maximum to one host and port; 0 for no limit.
    """

    def __init__(
        self, *, limit: int = 0, limit_per_host: int = 0, **arguments: Any
    ) -> None:
        super().__init__(limit=0, **arguments)
        self.limits: Final = ConnectionLimits(limit, limit_per_host)

    async def connect(
        self, req: aiohttp.ClientRequest, *args: Any, **kwargs: Any
    ) -> Connection:
        """Return a connection for *req*."""
        body = req.body
        if not isinstance(body, RequestBody):
            return await super().connect(req, *args, **kwargs)
        await self.limits.take(body.host)
        try:
            body.start_connecting()
            connection, protocol = await _checked(super().connect, req, args, kwargs)
        except BaseException:
            self.limits.free(body.host)
            raise
        connection.add_callback(partial(self._release_place, body.host, protocol))
        return _use(connection, protocol, body)

    def _release_place(self, host: str, protocol: ConnectionProtocol) -> None:
        protocol.start_idling()
        self.limits.free(host)


class BorrowedConnector(aiohttp.BaseConnector):
    """The connector of a caller's session, which is not closed with this one.

    Its connections are checked before they are reused, as those of the default pool.
    """

    def __init__(self, connector: aiohttp.BaseConnector) -> None:
        super().__init__()
        self.allowed_protocol_schema_set = connector.allowed_protocol_schema_set
        self._lender = connector

    @property
    def closed(self) -> bool:
        """Whether this connector, or that of the caller, is closed."""
        return super().closed or self._lender.closed

    async def connect(
        self, req: aiohttp.ClientRequest, *args: Any, **kwargs: Any
    ) -> Connection:
        """Return a connection for *req*."""
        connect = self._lender.connect
        connection, protocol = await _checked(connect, req, args, kwargs)
        body = req.body
        if not isinstance(body, RequestBody):
            return connection
        return _use(connection, protocol, body)


async def _checked(
    connect: _Connect,
    req: aiohttp.ClientRequest,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Connection, ConnectionProtocol]:
    """Return a connection that can be used; others are closed.

    Raises:
        ConnectionResetError: A new connection was closed.
    """
    while True:
        connection = await connect(req, *args, **kwargs)
        transport = connection.transport
        protocol = None if transport is None else ConnectionProtocol.of(transport)
        if protocol is not None and protocol.is_usable():
            return connection, protocol
        connection.close()
        if protocol is None or protocol.is_new:
            message = "it was closed before the request was written"
            raise ConnectionResetError(message)


def _use(
    connection: Connection, protocol: ConnectionProtocol, body: RequestBody
) -> Connection:
    try:
        body.use_connection(protocol)
    except BaseException:
        connection.close()
        raise
    return connection
