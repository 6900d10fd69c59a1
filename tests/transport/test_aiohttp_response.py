from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.aiohttp_response import _retrieve_exception
from tests.transport.servers import Peer, serve

LONGER = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


@pytest.fixture
async def client() -> AsyncIterator[AiohttpClient]:
    async with AiohttpClient() as client:
        yield client


async def test_streams_leave_no_callbacks_on_their_connection(
    client: AiohttpClient,
) -> None:
    async def answer(peer: Peer) -> None:
        await peer.send(LONGER, b"0123456789")

    async with serve(answer) as server:
        for _ in range(5):
            response = await client.send(server.request())
            await response.body.read(1000)
            response.body.release()
        assert client._bound is not None
        connector = client._bound.pool.connector
        assert connector is not None
        ((protocol, _),) = next(iter(connector._conns.values()))
        closed = protocol.closed

        assert 1 == server.connections
        assert closed is not None
        assert 1 == len(closed._callbacks or ())


async def test_a_cancelled_future_has_no_exception_to_retrieve() -> None:
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    closed.cancel()

    _retrieve_exception(closed)

    assert closed.cancelled()
