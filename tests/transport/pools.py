"""Looks into the connection pools of HTTP clients; the only tests that know them."""

from __future__ import annotations

import socket
from typing import Final, TypeAlias

import aiohttp
from attrs import frozen

from sagemaker_rt import Client
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.connection_pool import CheckedConnector
from sagemaker_rt.transport.native.client import NativeClient
from sagemaker_rt.transport.native.pool import Pool
from sagemaker_rt.transport.time_limits import TimeLimit

__all__ = [
    "HTTPClients",
    "PoolCounts",
    "idle_sockets",
    "pool_of",
    "time_limits_of",
    "transport_of",
]

HTTPClients: TypeAlias = AiohttpClient | NativeClient
"""The HTTP clients of this library."""

_EMPTY: Final[dict[TimeLimit, float]] = {}


@frozen
class PoolCounts:
    """How many connections a pool has, and how many calls wait for one."""

    busy: int = 0
    idle: int = 0
    waiting: int = 0


def pool_of(http_client: HTTPClients | None) -> PoolCounts:
    """Return the counts of the pool of *http_client*."""
    if http_client is None or http_client._bound is None:
        return PoolCounts()
    pool = http_client._bound.pool
    if isinstance(pool, Pool):
        return PoolCounts(*pool.counts())
    connector = pool.connector
    if connector is None:
        return PoolCounts()
    return PoolCounts(
        len(connector._acquired),
        sum(map(len, connector._conns.values())),
        _waiting(connector),
    )


def _waiting(connector: aiohttp.BaseConnector) -> int:
    if isinstance(connector, CheckedConnector):
        return connector.limits.waiting
    return sum(map(len, connector._waiters.values()))


def idle_sockets(http_client: HTTPClients) -> list[socket.socket]:
    """Return the sockets of the idle connections."""
    assert http_client._bound is not None
    pool = http_client._bound.pool
    if isinstance(pool, Pool):
        return [connection._socket for connection in pool._all_idle()]
    connector = pool.connector
    assert connector is not None
    return [
        protocol.transport.get_extra_info("socket")
        for connections in connector._conns.values()
        for protocol, _ in connections
        if protocol.transport is not None
    ]


def time_limits_of(http_client: HTTPClients | None) -> dict[TimeLimit, float]:
    """Return the time limits of the calls in progress."""
    if http_client is None or http_client._bound is None:
        return _EMPTY
    return http_client._bound.watchdog.time_limits


def transport_of(client: Client) -> HTTPClients | None:
    """Return the default HTTP client of *client*; None before its first call."""
    http_client = client._state.components.default_http_client
    assert http_client is None or isinstance(http_client, HTTPClients)
    return http_client
