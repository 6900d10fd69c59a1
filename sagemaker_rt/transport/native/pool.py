"""The connection pool: newest connection first, with limits and a fair queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from math import inf
from typing import Final, NamedTuple

from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.native.connection import READ_BYTES, Connection, Wire
from sagemaker_rt.transport.native.dialing import Dialer
from sagemaker_rt.transport.native.route import Route
from sagemaker_rt.transport.request_stage import Stage

__all__ = ["Pool", "PoolLimits"]


class PoolLimits(NamedTuple):
    """The limits of a pool."""

    connections: float
    """The maximum number of connections."""
    per_host: float
    """The maximum number of connections that are in use, to one host and port."""
    idle_seconds: float
    """Seconds after which an idle connection is closed."""


class _Server:
    """The connections to the server of one route."""

    __slots__ = ("idle", "places")

    def __init__(self) -> None:
        self.idle: Final[list[Connection]] = []
        """The idle connections; the newest is the last."""
        self.places = 0
        """The calls in progress."""


class _Waiter:
    """A call that waits for a connection; its result is None for a place for one."""

    __slots__ = ("route", "turn")

    def __init__(self, route: Route, turn: asyncio.Future[Connection | None]) -> None:
        self.route: Final = route
        self.turn: Final = turn


class Pool:
    """The connections of one client in one event loop.

    A call in progress has a place, from before it connects until its connection is
    idle or closed.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, dialer: Dialer, limits: PoolLimits
    ) -> None:
        self.loop: Final = loop
        self._dialer = dialer
        self._limits = limits
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._connections: set[Connection] = set()
        self._servers: dict[Route, _Server] = {}
        self._places = 0
        self._waiters: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def take_idle(self, route: Route) -> Connection | None:
        """Return the newest idle connection that works; None if there is none."""
        server = self._servers.get(route)
        if server is None or not server.idle or not self._has_place(server):
            return None
        now = self.loop.time()
        while server.idle:
            connection = server.idle[-1]
            if connection.is_usable(now):  # otherwise it has left the pool
                server.idle.pop()
                server.places += 1
                self._places += 1
                return connection
        return None

    async def acquire(self, route: Route, attempt: Attempt) -> Connection:
        """Return a connection to the server of *route*, which may be new.

        Raises:
            OSError: No connection could be made.
            ProxyRefusedError: The proxy did not open a tunnel.
        """
        connection = self.take_idle(route)
        if connection is None and not self._take_place(route):
            connection = await self._wait(route)
        if connection is not None:
            return connection
        try:
            attempt.enter(Stage.CONNECT, attempt.request.timeouts.connect)
            self._make_room()
            wire = await self._dialer.dial(route)
            connection = self._new_connection(route, wire)
        except BaseException:
            self._free_place(route)
            raise
        self._connections.add(connection)
        return connection

    def _new_connection(self, route: Route, wire: Wire) -> Connection:
        try:
            return Connection(self, route, wire, self._buffer)
        except BaseException:  # the event loop cannot watch sockets
            wire.socket.close()
            raise

    def release(self, connection: Connection) -> None:
        """Make *connection*, which is busy, idle; or give it to the next waiter."""
        idle_seconds = self._limits.idle_seconds
        if idle_seconds <= 0 or self._is_closed:
            connection.close(is_clean=True)
            return
        connection.idle_since = self.loop.time()
        server = self._servers[connection.route]
        server.idle.append(connection)
        server.places -= 1
        self._places -= 1
        if self._timer is None and idle_seconds < inf:
            self._start_timer(idle_seconds)
        if self._waiters:
            self._grant()

    def forget(self, connection: Connection) -> None:
        """Remove *connection*, which is closed."""
        self._connections.remove(connection)
        server, route = self._servers[connection.route], connection.route
        if connection in server.idle:
            server.idle.remove(connection)
            self._remove_if_unused(server, route)
        else:
            self._free_place(route)

    async def close(self) -> None:
        """Close all connections."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for connection in tuple(self._connections):
            connection.close(is_clean=True)

    def counts(self) -> tuple[int, int, int]:
        """Return the numbers of busy and idle connections, and of waiting calls."""
        return self._places, self._idle_count(), len(self._waiters)

    def _idle_count(self) -> int:
        return sum(len(server.idle) for server in self._servers.values())

    def _all_idle(self) -> Iterator[Connection]:
        for server in self._servers.values():
            yield from server.idle

    def _has_place(self, server: _Server) -> bool:
        limits = self._limits
        return self._places < limits.connections and server.places < limits.per_host

    def _take_place(self, route: Route) -> bool:
        """Take a place for a call to *route*, if there is one."""
        server = self._servers.get(route) or _Server()
        if not self._has_place(server):
            return False
        self._servers[route] = server
        server.places += 1
        self._places += 1
        return True

    def _free_place(self, route: Route) -> None:
        server = self._servers[route]
        server.places -= 1
        self._places -= 1
        self._remove_if_unused(server, route)
        if self._waiters:
            self._grant()

    def _remove_if_unused(self, server: _Server, route: Route) -> None:
        if not server.idle and not server.places:
            del self._servers[route]

    async def _wait(self, route: Route) -> Connection | None:
        """Wait for a connection, or for a place for a new one, which it returns."""
        waiter = _Waiter(route, self.loop.create_future())
        self._waiters.append(waiter)
        try:
            return await waiter.turn
        except BaseException:
            if waiter.turn.done() and not waiter.turn.cancelled():
                self._give_back(waiter)  # it was granted, and then cancelled
            else:
                self._waiters.remove(waiter)
            raise

    def _give_back(self, waiter: _Waiter) -> None:
        connection = waiter.turn.result()
        if connection is None:
            self._free_place(waiter.route)
        elif not connection.is_closed:
            self.release(connection)

    def _grant(self) -> None:
        """Give places to the calls that wait the longest and can have one."""
        for waiter in tuple(self._waiters):
            if self._places >= self._limits.connections:
                return
            if waiter.turn.done():
                continue
            connection = self.take_idle(waiter.route)
            if connection is not None or self._take_place(waiter.route):
                self._waiters.remove(waiter)
                waiter.turn.set_result(connection)

    def _make_room(self) -> None:
        """Close the connection that is idle the longest, if there are too many."""
        if self._places + self._idle_count() > self._limits.connections:
            oldest = min(self._all_idle(), key=lambda it: it.idle_since, default=None)
            if oldest is not None:
                oldest.close(is_clean=True)

    def _start_timer(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._close_expired)

    def _close_expired(self) -> None:
        self._timer = None
        expired = self.loop.time() - self._limits.idle_seconds
        for connection in [*self._all_idle()]:
            if connection.idle_since <= expired:
                connection.close(is_clean=True)
        oldest = min((it.idle_since for it in self._all_idle()), default=None)
        if oldest is not None:
            self._start_timer(max(oldest - expired, 0.0))
