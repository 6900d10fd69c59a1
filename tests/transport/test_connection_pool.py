from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import aiohttp
import pytest
from aiohttp.connector import Connection

from sagemaker_rt.errors import ConnectError, PoolTimeoutError
from sagemaker_rt.http import Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.connection_pool import (
    CheckedConnector,
)
from tests.stepping import Moment, Stepped
from tests.transport.pools import HTTPClients, idle_sockets
from tests.transport.servers import OK, Peer, Server, facts, reply, serve

POLLED_AGE = 0.15  # seconds after which a connection is polled before it is reused


async def send_connection_number(peer: Peer) -> None:
    await peer.send(reply(b"%d" % peer.number))


async def ask(client: HTTPClients, server: Server) -> bytes:
    response = await client.send(server.request())
    return await response.body.read(1000)


async def test_a_connection_is_reused(client: HTTPClients) -> None:
    async with serve(send_connection_number) as server:
        answers = [await ask(client, server) for _ in range(3)]

    assert [b"1"] * 3 == answers


async def test_a_connection_closed_while_the_loop_was_blocked_is_not_reused(
    client: HTTPClients,
) -> None:
    """As it happens when the process is frozen."""
    ended = socket.socket()
    with ended:
        ended.bind(("127.0.0.1", 0))
        ended.listen()

        async with serve() as server:
            server.port = ended.getsockname()[1]
            for number in (1, 2):
                asking = asyncio.create_task(ask(client, server))
                peer, _ = await asyncio.to_thread(ended.accept)
                await asyncio.to_thread(peer.recv, 1 << 16)
                await asyncio.to_thread(peer.sendall, reply(b"%d" % number))
                answer = await asking
                time.sleep(POLLED_AGE)  # noqa: ASYNC251 - the loop must not read the end
                peer.close()

    assert b"2" == answer


async def test_all_closed_connections_are_skipped(
    client: HTTPClients,
) -> None:
    async with serve(send_connection_number) as server:
        many = [asyncio.create_task(ask(client, server)) for _ in range(5)]
        await asyncio.gather(*many)
        server.drop()
        await server.is_idle.wait()

        assert b"6" == await ask(client, server)


async def test_a_connection_closed_long_ago_is_not_reused(
    client: HTTPClients,
) -> None:
    async with serve(send_connection_number) as server:
        first = await ask(client, server)
        server.drop()
        await asyncio.sleep(POLLED_AGE)

        assert (b"1", b"2") == (first, await ask(client, server))


async def test_the_pool_can_be_used_by_other_requests() -> None:
    async with (
        serve() as server,
        aiohttp.ClientSession(connector=CheckedConnector()) as session,
        session.get(server.request().url) as response,
    ):
        assert b"hello" == await response.read()


async def test_a_connection_with_an_unsolicited_response_is_not_reused(
    client: HTTPClients,
) -> None:
    async def answer_twice(peer: Peer) -> None:
        await peer.send(reply(b"%d" % peer.number), reply(b"unsolicited"))

    async with serve(answer_twice) as server:
        answers = []
        for _ in range(3):
            answers.append(await ask(client, server))
            await asyncio.sleep(0.05)

    assert [b"1", b"2", b"3"] == answers


async def test_the_connector_of_a_caller_can_be_used_by_other_requests() -> None:
    async with (
        serve(send_connection_number) as server,
        aiohttp.ClientSession() as session,
        AiohttpClient(session) as client,
    ):
        first = await ask(client, server)
        async with session.get(server.request().url) as response:
            second = await response.read()
        third = await ask(client, server)

    assert [b"1"] * 3 == [first, second, third]


class Closing(aiohttp.TCPConnector):
    """A connector whose connections are closed at once."""

    async def connect(self, *args: Any, **kwargs: Any) -> Connection:
        connection = await super().connect(*args, **kwargs)
        assert connection.transport is not None
        connection.transport.abort()
        return connection


async def test_a_new_connection_that_is_closed_is_not_replaced_for_ever() -> None:
    async with (
        serve() as server,
        aiohttp.ClientSession(connector=Closing()) as session,
        AiohttpClient(session) as client,
    ):
        with pytest.raises(ConnectError) as raised:
            await ask(client, server)

    assert (False, False, True) == facts(raised.value)


async def test_an_idle_connection_is_closed_after_keepalive_timeout(
    client_class: type[HTTPClients],
) -> None:
    async with (
        client_class(keepalive_timeout=0.05) as client,
        serve(send_connection_number) as server,
    ):
        first = await ask(client, server)
        async with asyncio.timeout(30):
            await server.is_idle.wait()

        assert (b"1", b"2") == (first, await ask(client, server))


async def test_waiting_for_a_pooled_connection_has_its_own_time_limit(
    client_class: type[HTTPClients],
) -> None:
    held = asyncio.Event()

    async def hold(peer: Peer) -> None:
        await held.wait()
        await peer.send(OK)

    async with client_class(max_connections=1) as client, serve(hold) as server:
        busy = asyncio.create_task(ask(client, server))
        await server.received.acquire()
        impatient = server.request(timeouts=Timeouts(pool=0.1))

        with pytest.raises(PoolTimeoutError) as raised:
            await client.send(impatient)

        held.set()
        assert b"hello" == await busy
        assert b"hello" == await ask(client, server)
        assert 2 == len(server.requests)
    assert not raised.value.request_sent
    assert not raised.value.counts_as_attempt


async def test_all_waiters_get_a_connection(client_class: type[HTTPClients]) -> None:
    async with client_class(max_connections=2) as client, serve() as server:
        answers = await asyncio.gather(*(ask(client, server) for _ in range(50)))

        assert server.connections <= 2
    assert [b"hello"] * 50 == answers


async def test_a_waiter_cancelled_after_its_wake_up_wakes_the_next(
    client_class: type[HTTPClients],
) -> None:
    """Otherwise the connection would stay unused, and the others wait forever."""
    may_answer = asyncio.Event()

    async def hold(peer: Peer) -> None:
        await may_answer.wait()
        await peer.send(OK)

    async with client_class(max_connections=1) as client, serve(hold) as server:
        first = asyncio.create_task(ask(client, server))
        await server.received.acquire()
        cancelled = Stepped(ask(client, server), 0, Moment.ARRIVED)
        second = asyncio.create_task(wait_for(cancelled))
        third = asyncio.create_task(ask(client, server))
        await asyncio.sleep(0.02)
        may_answer.set()

        async with asyncio.timeout(30):
            assert b"hello" == await first
            assert b"hello" == await third
        assert second.cancelled()


async def wait_for(call: Stepped[bytes]) -> bytes:
    return await call


async def test_connections_per_host_are_limited(
    client_class: type[HTTPClients],
) -> None:
    held = asyncio.Event()

    async def hold(peer: Peer) -> None:
        await held.wait()
        await peer.send(reply(b"%d" % peer.number))

    async with (
        serve(hold) as one,
        serve(hold) as other,
        client_class(max_connections=4, max_connections_per_host=2) as client,
    ):
        calls = [asyncio.create_task(ask(client, s)) for s in (one, one, one, other)]
        for server in (one, one, other):
            await server.received.acquire()
        held.set()
        answers = await asyncio.gather(*calls)

        assert (2, 1) == (one.connections, other.connections)
    assert {b"1", b"2"} == {*answers}


async def test_waiting_for_a_connection_to_a_host_has_a_time_limit(
    client_class: type[HTTPClients],
) -> None:
    async def hold(peer: Peer) -> None:
        await peer.hang()

    async with (
        serve(hold) as server,
        client_class(max_connections_per_host=1) as client,
    ):
        first = asyncio.create_task(ask(client, server))
        await server.received.acquire()

        with pytest.raises(PoolTimeoutError):
            await client.send(server.request(timeouts=Timeouts(pool=0.05)))
        first.cancel()
        await asyncio.wait([first])


@pytest.mark.parametrize("is_probed", [True, False])
async def test_keepalive_probes_can_be_turned_off(
    client_class: type[HTTPClients], *, is_probed: bool
) -> None:
    async with (
        serve() as server,
        client_class(tcp_keepalive=is_probed) as client,
    ):
        await ask(client, server)
        (made,) = idle_sockets(client)

        probes = made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)

    assert is_probed == bool(probes)
