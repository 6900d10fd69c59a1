from __future__ import annotations

import asyncio
import contextlib
import os

import pytest

from sagemaker_rt import errors
from sagemaker_rt.http import Request
from tests.transport.pools import HTTPClients, pool_of
from tests.transport.servers import (
    OK,
    ask,
    ask_once,
    open_files,
    serve,
)


async def test_a_closed_client_refuses_requests(client: HTTPClients) -> None:
    async with serve() as server:
        await ask(client, server)
        await client.aclose()
        await client.aclose()

        with pytest.raises(errors.ClientStateError, match="closed"):
            await client.send(server.request())

        async with asyncio.timeout(30):
            await server.is_idle.wait()
    assert 1 == len(server.requests)


async def test_a_client_can_be_closed_before_its_first_use(
    client_class: type[HTTPClients],
) -> None:
    client = client_class()

    await client.aclose()

    with pytest.raises(errors.ClientStateError, match="closed"):
        await client.send(Request())


def test_a_client_can_be_used_in_the_next_event_loop(
    client_class: type[HTTPClients],
) -> None:
    client = client_class()
    files = open_files()

    answers = [asyncio.run(ask_once(client), debug=True) for _ in range(3)]

    assert [b"hello"] * 3 == answers
    assert files == open_files()


def test_a_client_can_be_used_after_a_loop_closed_without_shutdown(
    client_class: type[HTTPClients],
) -> None:
    """The loop did not close its asynchronous generators."""
    client = client_class()
    loop = asyncio.new_event_loop()

    async def ask_and_leave_open() -> bytes:
        server = await stack.enter_async_context(serve(OK))
        return await ask(client, server)

    stack = contextlib.AsyncExitStack()
    first = loop.run_until_complete(ask_and_leave_open())
    loop.run_until_complete(stack.aclose())
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.close()

    assert [b"hello"] * 2 == [first, asyncio.run(ask_once(client))]


def test_a_second_event_loop_is_refused_while_the_first_is_open(
    client_class: type[HTTPClients],
) -> None:
    client = client_class()
    with asyncio.Runner() as own, asyncio.Runner() as other:
        own.run(ask_once(client))

        with pytest.raises(errors.ClientStateError, match="event loop"):
            other.run(ask_once(client))
        with pytest.raises(errors.ClientStateError, match="event loop"):
            other.run(client.aclose())

        assert b"hello" == own.run(ask_once(client))
        own.run(client.aclose())


def test_a_client_can_be_closed_after_its_event_loop(
    client_class: type[HTTPClients],
) -> None:
    client = client_class()
    asyncio.run(ask_once(client))

    asyncio.run(client.aclose())

    with pytest.raises(errors.ClientStateError):
        asyncio.run(client.send(Request()))


async def test_a_forked_process_is_refused(client_class: type[HTTPClients]) -> None:
    process = os.getpid()
    client = client_class(process_id=lambda: process)
    async with serve() as server:
        await ask(client, server)
        parent, process = process, process + 1

        with pytest.raises(errors.ClientStateError, match="forked"):
            await client.send(server.request())
        await client.aclose()

        assert 1 == len(server.requests)
        assert not server.is_idle.is_set()
        process = parent
        await client.aclose()


async def test_a_client_can_be_created_before_a_fork(
    client_class: type[HTTPClients],
) -> None:
    process = 1
    client = client_class(process_id=lambda: process)
    process = 2

    assert b"hello" == await ask_once(client)
    await client.aclose()


async def test_a_dropped_client_closes_its_connections(
    client_class: type[HTTPClients],
) -> None:
    async with serve() as server:
        client = client_class()
        await ask(client, server)

        del client

        async with asyncio.timeout(30):
            await server.is_idle.wait()


async def test_concurrent_calls_leave_no_connection_acquired(
    client: HTTPClients,
) -> None:
    async with serve() as server:
        await ask(client, server)

        answers = await asyncio.gather(*(ask(client, server) for _ in range(100)))

        assert [b"hello"] * 100 == answers
        assert 0 == pool_of(client).busy
