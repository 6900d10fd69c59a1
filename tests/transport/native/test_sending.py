"""Details of sending; most is tested for both clients in the folder above."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import errors
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.transport.native.client import NativeClient
from tests.transport.pools import PoolCounts, pool_of
from tests.transport.servers import OK, Peer, ask, reply, serve

LARGE = bytes(1 << 24)


@pytest.fixture
async def client() -> AsyncIterator[NativeClient]:
    async with NativeClient() as client:
        yield client


async def test_path_and_query_are_sent_as_they_are(client: NativeClient) -> None:
    async with serve() as server:
        endpoint = Endpoint(f"http://127.0.0.1:{server.port}/prefix")
        await client.send(
            Request("GET", "/a%2Fb", "x=%20&y", endpoint=endpoint, body=b"")
        )

    assert server.head.startswith(b"GET /prefix/a%2Fb?x=%20&y HTTP/1.1\r\n")


async def test_an_invalid_header_is_not_sent(client: NativeClient) -> None:
    async with serve() as server:
        with pytest.raises(errors.SerializationError, match="line break"):
            await client.send(server.request(x_a="b\r\nx-injected: c"))

        assert [] == server.requests
        assert PoolCounts() == pool_of(client)


async def test_a_response_that_is_complete_does_not_close_its_connection(
    client: NativeClient,
) -> None:
    """The connection can belong to another call by then."""
    partial = reply(status="206 Partial Content")
    async with serve(partial) as server:
        for _ in range(3):
            with pytest.raises(errors.DeserializationError):
                await client.send(server.request())

        assert 1 == server.connections
        assert PoolCounts(idle=1) == pool_of(client)


async def test_an_early_success_ends_the_upload(client: NativeClient) -> None:
    async def answer(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(OK)
        await peer.writer.wait_closed()

    async with serve(answer, raw=True) as server:
        response = await client.send(server.request(LARGE))

        assert b"hello" == await response.body.read(100)
    assert PoolCounts() == pool_of(client)


async def test_a_small_request_may_have_to_wait_for_the_server(
    client: NativeClient,
) -> None:
    """A connection whose buffers are full takes it in parts."""
    size = (1 << 16) - 1

    async with serve() as server:
        responses = [
            await asyncio.gather(
                *[client.send(server.request(bytes(size))) for _ in range(20)]
            )
        ]

    assert {200} == {response.status for response in responses[0]}
    assert {size} == {
        len(request.partition(b"\r\n\r\n")[2]) for request in server.requests
    }


async def test_calls_share_a_connection_one_after_the_other(
    client: NativeClient,
) -> None:
    async with serve() as server:
        for _ in range(5):
            assert b"hello" == await ask(client, server)

        assert 1 == server.connections
