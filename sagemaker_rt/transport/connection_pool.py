"""The connection pools: aiohttp's, which check a connection before it is reused.

Only `connect` is overridden, which is public.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from sagemaker_rt.transport.connection_limits import ConnectionLimits
from sagemaker_rt.transport.connection_protocol import ConnectionProtocol
from sagemaker_rt.transport.request_body import RequestBody

if TYPE_CHECKING:
    from aiohttp.connector import Connection

__all__ = ["BorrowedConnector", "CheckedConnector"]


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
        host = body.host
        if not self.limits.take_now(host):
            body.start_waiting()
            await self.limits.take(host)
            body.start_connecting()
        try:
            while True:
                connection = await super().connect(req, *args, **kwargs)
                protocol = _usable_protocol(connection)
                if protocol is not None:
                    break
        except BaseException:
            self.limits.free(host)
            raise
        connection.add_callback(partial(self._release_place, host, protocol))
        body.use_connection(protocol)
        return connection

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
        while True:
            connection = await self._lender.connect(req, *args, **kwargs)
            protocol = _usable_protocol(connection)
            if protocol is not None:
                break
        body = req.body
        if isinstance(body, RequestBody):
            body.use_connection(protocol)
        return connection


def _usable_protocol(connection: Connection) -> ConnectionProtocol | None:
    """Return the protocol of *connection*, or close one that is not usable.

    Raises:
        ConnectionResetError: A new connection was closed.
    """
    transport = connection.transport
    protocol = None if transport is None else ConnectionProtocol.of(transport)
    if protocol is not None and protocol.is_usable():
        return protocol
    connection.close()
    if protocol is None or protocol.is_new:
        message = "it was closed before the request was written"
        raise ConnectionResetError(message)
    return None
