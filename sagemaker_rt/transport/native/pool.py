"""The connection pool: newest connection first, with limits and a fair queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from math import inf
from typing import Final

from attrs import frozen

from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.native.connection import READ_BYTES, Connection, Wire
from sagemaker_rt.transport.native.dialing import Dialer
from sagemaker_rt.transport.native.route import Route
from sagemaker_rt.transport.request_stage import Stage

__all__ = ["Pool", "PoolLimits"]


@frozen(kw_only=True)
class PoolLimits:
    """The limits of a pool."""

    connections: float
    """The maximum number of connections."""
    per_host: float
    """The maximum number of connections that are in use, to one host and port."""
    idle_seconds: float
    """Seconds after which an idle connection is closed."""


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
        self._idle: dict[Route, deque[Connection]] = {}
        self._idle_count = 0
        self._busy: set[Connection] = set()
        self._places: dict[Route, int] = {}
        self._place_count = 0
        self._waiters: deque[_Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def has_idle(self, route: Route) -> bool:
        """Return whether there is an idle connection to the server of *route*."""
        return bool(self._idle.get(route))

    def take_idle(self, route: Route) -> Connection | None:
        """Return the newest idle connection that works; None if there is none."""
        idle = self._idle.get(route)
        if not idle or not self._has_place(route):
            return None
        now = self.loop.time()
        while idle:
            connection = idle[-1]
            if connection.is_usable(now):  # otherwise it has left the pool
                idle.pop()
                self._idle_count -= 1
                self._take_place(route)
                self._busy.add(connection)
                return connection
        return None

    async def acquire(self, route: Route, attempt: Attempt) -> Connection:
        """Return a connection to the server of *route*, which may be new.

        Raises:
            OSError: No connection could be made.
            ProxyRefusedError: The proxy did not open a tunnel.
        """
        connection = self.take_idle(route)
        if connection is None and not self._has_place(route):
            connection = await self._wait(route)
        elif connection is None:
            self._take_place(route)
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
        self._busy.add(connection)
        return connection

    def _new_connection(self, route: Route, wire: Wire) -> Connection:
        try:
            return Connection(self, route, wire, self._buffer)
        except BaseException:  # the event loop cannot watch sockets
            wire.socket.close()
            raise

    def release(self, connection: Connection) -> None:
        """Make *connection*, which is busy, idle; or give it to the next waiter."""
        self._busy.discard(connection)
        if self._limits.idle_seconds <= 0 or self._is_closed:
            self._busy.add(connection)
            connection.close(is_clean=True)
            return
        connection.idle_since = self.loop.time()
        self._idle.setdefault(connection.route, deque()).append(connection)
        self._idle_count += 1
        if self._timer is None and self._limits.idle_seconds < inf:
            self._start_timer(self._limits.idle_seconds)
        self._free_place(connection.route)

    def forget(self, connection: Connection) -> None:
        """Remove *connection*, which is closed."""
        if connection in self._busy:
            self._busy.discard(connection)
            self._free_place(connection.route)
            return
        idle = self._idle.get(connection.route)
        if idle is not None and connection in idle:
            idle.remove(connection)
            self._idle_count -= 1

    async def close(self) -> None:
        """Close all connections."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for connection in [*self._busy, *self._all_idle()]:
            connection.close(is_clean=True)

    def counts(self) -> tuple[int, int, int]:
        """Return the numbers of busy and idle connections, and of waiting calls."""
        return self._place_count, self._idle_count, len(self._waiters)

    def _all_idle(self) -> Iterator[Connection]:
        for idle in self._idle.values():
            yield from idle

    def _has_place(self, route: Route) -> bool:
        return (
            self._place_count < self._limits.connections
            and self._places.get(route, 0) < self._limits.per_host
        )

    def _take_place(self, route: Route) -> None:
        self._place_count += 1
        self._places[route] = self._places.get(route, 0) + 1

    def _free_place(self, route: Route) -> None:
        self._place_count -= 1
        self._places[route] -= 1
        if not self._places[route]:
            del self._places[route]
        if self._waiters:
            self._grant()

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
            if self._place_count >= self._limits.connections:
                return
            if waiter.turn.done() or not self._has_place(waiter.route):
                continue
            self._waiters.remove(waiter)
            connection = self.take_idle(waiter.route)
            if connection is None:
                self._take_place(waiter.route)
            waiter.turn.set_result(connection)

    def _make_room(self) -> None:
        """Close the connection that is idle the longest, if there are too many."""
        if self._place_count + self._idle_count > self._limits.connections:
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
        self._idle = {route: idle for route, idle in self._idle.items() if idle}
        oldest = min((it.idle_since for it in self._all_idle()), default=None)
        if oldest is not None:
            self._start_timer(max(oldest - expired, 0.0))
