from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from sagemaker_rt import errors
from tests.transport.pools import HTTPClients, pool_of, time_limits_of
from tests.transport.servers import (
    Peer,
    ask,
    facts,
    full_backlog,
    hang,
    open_files,
    serve,
    to_port,
)

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LARGE = bytes(1 << 24)


@contextlib.asynccontextmanager
async def waiting_for_the_pool(
    client: HTTPClients,
) -> AsyncIterator[Awaitable[object]]:
    async with serve(hang) as server:
        busy = [asyncio.create_task(client.send(server.request())) for _ in range(2)]
        await server.received.acquire()
        await server.received.acquire()
        yield client.send(server.request())
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


@contextlib.asynccontextmanager
async def connecting(client: HTTPClients) -> AsyncIterator[Awaitable[object]]:
    with full_backlog() as port:
        yield client.send(to_port(port))


@contextlib.asynccontextmanager
async def in_the_tls_handshake(
    client: HTTPClients,
) -> AsyncIterator[Awaitable[object]]:
    async with serve(hang, raw=True) as server:
        yield client.send(to_port(server.port, scheme="https"))


@contextlib.asynccontextmanager
async def uploading(client: HTTPClients) -> AsyncIterator[Awaitable[object]]:
    released = asyncio.Event()

    async def stop_reading(peer: Peer) -> None:
        await released.wait()
        peer.writer.transport.abort()

    async with serve(stop_reading, raw=True) as server:
        yield client.send(server.request(LARGE))
        released.set()


@contextlib.asynccontextmanager
async def waiting_for_the_headers(
    client: HTTPClients,
) -> AsyncIterator[Awaitable[object]]:
    async with serve(hang) as server:
        yield client.send(server.request())


@contextlib.asynccontextmanager
async def reading_the_body(client: HTTPClients) -> AsyncIterator[Awaitable[object]]:
    async def stall(peer: Peer) -> None:
        await peer.send(CHUNKED, b"5\r\nhello\r\n")
        await peer.hang()

    async with serve(stall) as server:
        response = await client.send(server.request())
        yield response.body.read(1000)


PHASES = [
    waiting_for_the_pool,
    connecting,
    in_the_tls_handshake,
    uploading,
    waiting_for_the_headers,
    reading_the_body,
]
Phase = Callable[
    [HTTPClients], contextlib.AbstractAsyncContextManager[Awaitable[object]]
]


async def open_files_after_waiting(before: int) -> int:
    """Return the number of open files, at most *before* or after a second."""
    for _ in range(100):
        if open_files() <= before:
            break
        await asyncio.sleep(0.01)
    return open_files()


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("seconds", [0, 0.05])
async def test_a_cancelled_call_leaves_nothing_open(
    client_class: type[HTTPClients], phase: Phase, seconds: float
) -> None:
    async with client_class(max_connections=2) as client, serve() as server:
        await ask(client, server)  # opens what is opened only once
        files, tasks = open_files(), asyncio.all_tasks()

        async with phase(client) as call:
            cancelled = asyncio.ensure_future(call)
            await asyncio.sleep(seconds)
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled

        async with asyncio.timeout(30):
            assert b"hello" == await ask(client, server)
        assert files >= await open_files_after_waiting(files)
        assert 0 == pool_of(client).busy
        # a new connection to the server can have replaced the first
        assert len(tasks) == len(asyncio.all_tasks())
        assert {} == time_limits_of(client)


@pytest.mark.parametrize("phase", PHASES)
async def test_an_enclosing_timeout_is_not_mistaken_for_ours(
    client_class: type[HTTPClients], phase: Phase
) -> None:
    async with client_class(max_connections=2) as client, phase(client) as call:
        with pytest.raises(TimeoutError) as raised:
            async with asyncio.timeout(0.05):
                await call

    assert TimeoutError is type(raised.value)


@pytest.mark.parametrize("phase", PHASES)
async def test_closing_the_client_ends_the_calls_in_progress(
    client_class: type[HTTPClients], phase: Phase
) -> None:
    client = client_class(max_connections=2)

    async with phase(client) as call:
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0.05)
        await client.aclose()

        with pytest.raises(errors.ClientStateError) as raised:
            await task

    is_sent = phase in {uploading, waiting_for_the_headers, reading_the_body}
    assert (is_sent, is_sent, False) == facts(raised.value)
    assert 0 == task.cancelling()
