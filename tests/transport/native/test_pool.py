from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from math import inf

import pytest

from sagemaker_rt.http import Endpoint, Request, Timeouts
from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.native.connection import Connection, Wire
from sagemaker_rt.transport.native.dialing import Dialer
from sagemaker_rt.transport.native.pool import Pool, PoolLimits
from sagemaker_rt.transport.native.route import Route, Routes
from sagemaker_rt.transport.request_stage import Stage
from sagemaker_rt.transport.time_limits import Watchdog

ROUTES = Routes(None)
A, B = (ROUTES.of(Endpoint(f"http://{name}.example")) for name in "ab")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class PairDialer(Dialer):
    """Connects to sockets of this process."""

    def __init__(self) -> None:
        self.peers: list[socket.socket] = []
        self.may_connect = asyncio.Event()
        self.may_connect.set()
        self.error: OSError | None = None

    async def dial(self, route: Route) -> Wire:
        await self.may_connect.wait()
        if self.error is not None:
            raise self.error
        ours, peer = socket.socketpair()
        ours.setblocking(False)
        self.peers.append(peer)
        return Wire(ours, None, 0, None)


class Pools:
    """Makes pools, and takes connections out of them."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.watchdog = Watchdog(self.loop)
        self.dialer = PairDialer()
        self.pools: list[Pool] = []

    def new(
        self, connections: float = inf, per_host: float = inf, idle: float = 10.0
    ) -> Pool:
        limits = PoolLimits(
            connections=connections, per_host=per_host, idle_seconds=idle
        )
        self.pools.append(Pool(self.loop, self.dialer, limits))
        return self.pools[-1]

    async def acquire(self, pool: Pool, route: Route = A) -> Connection:
        request = Request(timeouts=Timeouts(connect=5.0))
        attempt = Attempt(request, self.watchdog, "h", Stage.POOL, 5.0)
        try:
            return await pool.acquire(route, attempt)
        finally:
            attempt.time_limit.stop()

    def acquiring(self, pool: Pool, route: Route = A) -> asyncio.Task[Connection]:
        return asyncio.create_task(self.acquire(pool, route))

    async def use(self, connection: Connection) -> None:
        """Send a request, and receive a response, so that the connection is idle."""
        connection.start()
        connection.write(b"x")
        connection.finish_upload(is_complete=True)
        for peer in self.dialer.peers:
            with suppress(OSError):
                peer.send(OK)
        connection.read()


@pytest.fixture
async def pools() -> AsyncIterator[Pools]:
    pools = Pools()
    yield pools
    for pool in pools.pools:
        await pool.close()
    for peer in pools.dialer.peers:
        peer.close()


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_the_newest_idle_connection_is_used_first(pools: Pools) -> None:
    pool = pools.new()
    first, second = await pools.acquire(pool), await pools.acquire(pool)
    assert (2, 0, 0) == pool.counts()
    pool.release(first)
    pool.release(second)
    assert (0, 2, 0) == pool.counts()

    assert second is pool.take_idle(A)
    assert pool.take_idle(B) is None
    assert first is await pools.acquire(pool)
    assert (2, 0, 0) == pool.counts()


async def test_an_idle_connection_that_has_ended_is_not_used(pools: Pools) -> None:
    pool = pools.new()
    connection = await pools.acquire(pool)
    pool.release(connection)
    pools.dialer.peers[0].close()
    connection.idle_since -= 1

    assert pool.take_idle(A) is None
    assert connection.is_closed
    assert (0, 0, 0) == pool.counts()


async def test_an_unsolicited_response_closes_an_idle_connection(pools: Pools) -> None:
    pool = pools.new()
    connection = await pools.acquire(pool)
    pool.release(connection)
    pools.dialer.peers[0].send(OK)
    await turns()

    assert connection.is_closed
    assert (0, 0, 0) == pool.counts()


async def test_waiting_calls_are_served_in_their_order(pools: Pools) -> None:
    pool = pools.new(connections=1)
    connection = await pools.acquire(pool)
    first, second = pools.acquiring(pool), pools.acquiring(pool)
    await turns()
    assert (1, 0, 2) == pool.counts()

    pool.release(connection)
    await turns()
    assert (True, False) == (first.done(), second.done())
    assert connection is first.result()

    connection.close()
    assert connection is not await second


async def test_a_limit_of_one_host_does_not_hold_up_another(pools: Pools) -> None:
    pool = pools.new(connections=2, per_host=1)
    busy = await pools.acquire(pool, A)
    waiting, other = pools.acquiring(pool, A), pools.acquiring(pool, B)
    await turns()

    assert other.done()
    assert not waiting.done()
    busy.close()
    assert A is (await waiting).route


async def test_a_cancelled_wait_leaves_the_queue(pools: Pools) -> None:
    pool = pools.new(connections=1)
    connection = await pools.acquire(pool)
    waiting = pools.acquiring(pool)
    await turns()

    waiting.cancel()
    await turns()

    assert (1, 0, 0) == pool.counts()
    pool.release(connection)
    assert (0, 1, 0) == pool.counts()


@pytest.mark.parametrize("is_released", [True, False])
async def test_a_turn_that_is_granted_and_then_cancelled_goes_to_the_next(
    pools: Pools, *, is_released: bool
) -> None:
    pool = pools.new(connections=1)
    connection = await pools.acquire(pool)
    first, second = pools.acquiring(pool), pools.acquiring(pool)
    await turns()

    if is_released:
        pool.release(connection)
    else:
        connection.close()
    first.cancel()

    assert is_released is (await second is connection)
    assert (1, 0, 0) == pool.counts()


async def test_a_turn_with_a_connection_that_ends_is_given_back(pools: Pools) -> None:
    pool = pools.new(connections=1)
    connection = await pools.acquire(pool)
    first, second = pools.acquiring(pool), pools.acquiring(pool)
    await turns()

    pool.release(connection)
    first.cancel()
    connection.close()

    assert connection is not await second
    assert (1, 0, 0) == pool.counts()


async def test_a_failure_to_connect_frees_the_place(pools: Pools) -> None:
    pool = pools.new(connections=1)
    pools.dialer.error = ConnectionRefusedError("no")
    with pytest.raises(ConnectionRefusedError):
        await pools.acquire(pool)

    assert (0, 0, 0) == pool.counts()


async def test_an_event_loop_that_cannot_watch_sockets_leaves_none_open(
    pools: Pools,
) -> None:
    class Blind:
        def time(self) -> float:
            return 0.0

        def add_reader(self, descriptor: int, callback: object) -> None:
            raise RuntimeError

    limits = PoolLimits(connections=inf, per_host=inf, idle_seconds=inf)
    pool = Pool(Blind(), pools.dialer, limits)  # type: ignore[arg-type] # a part of one

    with pytest.raises(RuntimeError):
        await pools.acquire(pool)

    assert (0, 0, 0) == pool.counts()
    assert b"" == pools.dialer.peers[0].recv(1)


async def test_a_cancelled_connect_frees_the_place(pools: Pools) -> None:
    pool = pools.new(connections=1)
    pools.dialer.may_connect.clear()
    connecting, waiting = pools.acquiring(pool), pools.acquiring(pool)
    await turns()
    assert (1, 0, 1) == pool.counts()

    connecting.cancel()
    pools.dialer.may_connect.set()

    assert not (await waiting).is_closed
    assert (1, 0, 0) == pool.counts()


async def test_an_idle_connection_to_another_host_makes_room(pools: Pools) -> None:
    pool = pools.new(connections=2)
    old, new = await pools.acquire(pool, A), await pools.acquire(pool, A)
    old.idle_since = new.idle_since = 0.0
    pool.release(old)
    pool.release(new)
    old.idle_since -= 1

    await pools.acquire(pool, B)

    assert (True, False) == (old.is_closed, new.is_closed)
    assert (1, 1, 0) == pool.counts()


async def test_idle_connections_expire(pools: Pools) -> None:
    pool = pools.new(idle=0.01)
    first = await pools.acquire(pool)
    pool.release(first)
    async with asyncio.timeout(30):
        while not first.is_closed:  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.005)

    second = await pools.acquire(pool)
    pool.release(second)
    assert (0, 1, 0) == pool.counts()
    async with asyncio.timeout(30):
        while not second.is_closed:  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.005)
    assert (0, 0, 0) == pool.counts()


async def test_without_idle_time_no_connection_is_kept(pools: Pools) -> None:
    pool = pools.new(idle=0)
    connection = await pools.acquire(pool)

    pool.release(connection)

    assert connection.is_closed
    assert (0, 0, 0) == pool.counts()


async def test_closing_closes_busy_and_idle_connections(pools: Pools) -> None:
    pool = pools.new()
    busy, idle = await pools.acquire(pool), await pools.acquire(pool)
    pool.release(idle)
    download = busy.start()

    await pool.close()

    assert (True, True) == (busy.is_closed, idle.is_closed)
    assert isinstance(download.error, ConnectionAbortedError)
    assert (0, 0, 0) == pool.counts()


async def test_a_connection_is_idle_after_a_response(pools: Pools) -> None:
    pool = pools.new()
    connection = await pools.acquire(pool)

    await pools.use(connection)

    assert (0, 1, 0) == pool.counts()
    assert connection.is_reused
