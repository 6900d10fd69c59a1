from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.errors import DeserializationError, TruncatedBodyError
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.transport.servers import Peer, serve

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def client() -> AsyncIterator[AiohttpClient]:
    async with AiohttpClient() as client:
        yield client


async def test_what_was_received_before_a_malformed_chunk_is_read_first(
    client: AiohttpClient,
) -> None:
    async def answer(peer: Peer) -> None:
        await peer.send(CHUNKED, b"5\r\nhello\r\nxyz\r\n")

    async with serve(answer) as server:
        response = await client.send(server.request())
        await asyncio.sleep(0.05)
        chunks = response.body.iter_chunks()

        assert b"hello" == await anext(chunks)
        with pytest.raises(TruncatedBodyError):
            await anext(chunks)


async def test_what_was_received_before_the_connection_was_lost_is_read_first(
    client: AiohttpClient,
) -> None:
    async def lose(peer: Peer) -> None:
        await peer.end(CHUNKED, b"5\r\nhello\r\n")

    async with serve(lose) as server:
        response = await client.send(server.request())
        await server.is_idle.wait()
        chunks = response.body.iter_chunks()

        assert b"hello" == await anext(chunks)
        with pytest.raises(TruncatedBodyError):
            await anext(chunks)


async def test_a_chunked_response_after_too_many_early_hints_is_an_error(
    client: AiohttpClient,
) -> None:
    """Its transfer coding is not recorded any more."""
    hints = b"HTTP/1.1 103 Early Hints\r\nX-A: %b\r\n\r\n" % (b"a" * 8000)

    async with serve(hints * 10 + CHUNKED + b"0\r\n\r\n") as server:
        with pytest.raises(DeserializationError):
            await client.send(server.request())
