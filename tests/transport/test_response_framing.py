from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sagemaker_rt import errors
from sagemaker_rt.http import Response
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.native.client import NativeClient
from tests.transport.pools import HTTPClients
from tests.transport.servers import Peer, Server, serve


@pytest.fixture
async def client() -> AsyncIterator[AiohttpClient]:
    async with AiohttpClient() as client:
        yield client


async def read_all(response: Response) -> bytes:
    body = response.body.read_nowait()
    return await response.body.read(1 << 20) if body is None else body


POOLS = ["own", "own, through a proxy", "session", "native"]


def client_with(
    pool: str, session: aiohttp.ClientSession, server: Server
) -> HTTPClients:
    """Return a client with this pool; *server* can be its proxy."""
    if pool == "session":
        return AiohttpClient(session)
    if pool == "native":
        return NativeClient()
    is_proxied = pool != "own"
    return AiohttpClient(
        proxy=f"http://127.0.0.1:{server.port}" if is_proxied else None
    )


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"X-None: 1"])
async def test_an_unsolicited_partial_response_is_an_error(
    client: AiohttpClient, framing: bytes
) -> None:
    head = b"HTTP/1.1 206 Partial Content\r\n" + framing + b"\r\n\r\n"

    async def end(peer: Peer) -> None:
        await peer.end(head, b"hello")

    async with serve(end) as server:
        with pytest.raises(errors.DeserializationError, match="206") as caught:
            await client.send(server.request())

    assert 206 == caught.value.http_status


@pytest.mark.parametrize(
    "coding",
    [
        b"chunked\t",
        b"chunked ,",
        b"chunked,",
        b"chunked\r\n ",
        b"xchunked",
        b"not-chunked",
        b"gzip, xchunked",
        b"chunked\r\nTransfer-Encoding: gzip",
        b"gzip\r\nTransfer-Encoding: xchunked",
        b"xchunked\r\nContent-Length: 5",
        b"chunked\r\nTransfer-Encoding:\r\nX-A: a",
    ],
)
@pytest.mark.parametrize("pool", POOLS)
async def test_a_transfer_coding_that_is_not_chunked_is_an_error(
    coding: bytes, pool: str
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n"

    async def end(peer: Peer) -> None:
        await peer.end(head, b"hello")

    async with (
        serve(end) as server,
        aiohttp.ClientSession() as session,
        client_with(pool, session, server) as client,
    ):
        with pytest.raises(errors.DeserializationError):
            await client.send(server.request())
        with pytest.raises(errors.DeserializationError):
            await client.send(server.request())

        assert 2 == server.connections


@pytest.mark.parametrize(
    "coding",
    [
        b"gzip, chunked",
        b"chunked, chunked",
        b"gzip\r\nTransfer-Encoding: chunked",
        b"chunked\r\nTransfer-Encoding: chunked",
    ],
)
async def test_an_unrequested_transfer_coding_is_an_error(
    client: AiohttpClient, coding: bytes
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n"

    async with serve(head + b"5\r\nhello\r\n0\r\n\r\n") as server:
        with pytest.raises(errors.DeserializationError):
            await client.send(server.request())


@pytest.mark.parametrize(
    "coding", [b"chunked", b"CHUNKED ", b" chunked", b"\r\n chunked"]
)
@pytest.mark.parametrize("pool", POOLS)
async def test_chunked_is_recognized_in_all_valid_spellings(
    coding: bytes, pool: str
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding:" + coding + b"\r\n\r\n"
    hint = b"HTTP/1.1 103 Early Hints\r\n\r\n"

    async def answers(peer: Peer) -> None:
        await peer.send(hint + hint, hint + answer, b"5\r\nhello\r\n", b"0\r\n\r\n")

    async with (
        serve(answers) as server,
        aiohttp.ClientSession() as session,
        client_with(pool, session, server) as client,
    ):
        bodies = [await read_all(await client.send(server.request())) for _ in range(2)]

        assert 1 == server.connections
    assert [b"hello"] * 2 == bodies


async def test_a_header_name_with_a_space_is_an_error(client: AiohttpClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n"

    async with serve(head + b"5\r\nhello\r\n0\r\n\r\n") as server:
        with pytest.raises(errors.DeserializationError):
            await client.send(server.request())


@pytest.mark.parametrize("pool", POOLS)
async def test_the_framing_of_one_response_does_not_affect_the_next(pool: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: "

    async def answer(peer: Peer) -> None:
        if len(server.requests) == 1:
            await peer.send(head + b"chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        else:
            await peer.end(head + b"chunked\t\r\n\r\n", b"hello")

    async with (
        serve(answer) as server,
        aiohttp.ClientSession() as session,
        client_with(pool, session, server) as client,
    ):
        assert b"hello" == await read_all(await client.send(server.request()))
        with pytest.raises(errors.DeserializationError):
            await client.send(server.request())

        assert 1 == server.connections
