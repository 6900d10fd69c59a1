"""The tunnel through a proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from sagemaker_rt.errors import ConnectError
from sagemaker_rt.sansio.proxy_servers import ProxyServer
from sagemaker_rt.transport.http2_tunnel import open_tunnel


@asynccontextmanager
async def proxy(
    answer: bytes, heads: list[bytes], *, user: str = ""
) -> AsyncIterator[ProxyServer]:
    """Run a proxy that gives *answer* to each request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        with suppress(ConnectionError):
            while answer and await reader.read(1000):
                pass
        writer.close()
        ended.set()

    ended = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield ProxyServer.of(f"http://{user}127.0.0.1:{port}")
        await ended.wait()


async def test_a_tunnel_is_opened_with_the_password_of_the_proxy() -> None:
    heads: list[bytes] = []
    answer = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"

    async with proxy(answer, heads, user="me:secret@") as server:
        transport = await open_tunnel(server, "a.example:8443", host="a.example")
        transport.abort()

    assert heads[0].startswith(b"CONNECT a.example:8443 HTTP/1.1\r\nHost: a.example")
    assert b"Proxy-Authorization: Basic " in heads[0]


@pytest.mark.parametrize(
    ("answer", "is_retryable"),
    [
        (b"HTTP/1.1 407 Denied\r\n\r\n", False),
        (b"HTTP/1.1 502 Bad\r\n\r\n", True),
        (b"SSH-2.0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000, True),
        (b"", True),
    ],
    ids=["407", "502", "no HTTP", "endless", "closed"],
)
async def test_a_refusal_is_a_typed_error(answer: bytes, *, is_retryable: bool) -> None:
    async with proxy(answer, []) as server:
        with pytest.raises(ConnectError) as caught:
            await open_tunnel(server, "a.example:8443", host="a.example")

    assert is_retryable == caught.value.is_retryable
    assert "secret" not in str(caught.value)
