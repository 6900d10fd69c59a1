"""The client of streams in both directions."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import (
    ClientStateError,
    ConnectError,
    ConnectTimeoutError,
    EndpointResolutionError,
    RequestTimeoutError,
)
from sagemaker_rt.http import Endpoint, Request, Timeouts
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.transport.http2_client import Http2Client
from tests.transport.certificates import self_signed
from tests.transport.servers import Peer, hang, serve

PATH = "/endpoints/echo/invocations-bidirectional-stream"


def request_to(url: str) -> Request:
    return Request(path=PATH, endpoint=Endpoint(url))


def context(folder: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=folder / "127.0.0.1.pem")
    made.set_alpn_protocols(["h2"])
    return made


@asynccontextmanager
async def relay() -> AsyncIterator[str]:
    """Run a proxy that opens tunnels."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
        finally:
            writer.close()

    async def tunnel(peer: Peer) -> None:
        head = await peer.receive()
        assert head is not None
        host, _, port = head.split()[1].decode().rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pump(peer.reader, back), pump(there, peer.writer))

    async with serve(tunnel, raw=True) as server:
        yield f"http://127.0.0.1:{server.port}"


async def status_of(client: Http2Client, url: str) -> int:
    """Return the status of an unsigned request, which the emulator rejects."""
    connection = await client.open(request_to(url), StreamLimits())
    response = await connection.response()
    await response.body.read(1000)
    connection.close()
    await connection.lost
    return response.status


async def test_a_request_goes_over_plain_tcp() -> None:
    client = Http2Client(ssl.create_default_context)
    async with Emulator() as emulator:
        assert 403 == await status_of(client, emulator.url)
    await client.aclose()


@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_request_goes_through_a_proxy(tmp_path: Path, *, is_tls: bool) -> None:
    server, _ = self_signed(tmp_path, address="127.0.0.1")
    server.set_alpn_protocols(["h2"])
    async with (
        relay() as proxy,
        Emulator(ssl_context=server if is_tls else None) as emulator,
    ):
        client = Http2Client(
            lambda: context(tmp_path), proxies=Proxies(http=proxy, https=proxy)
        )
        assert 403 == await status_of(client, emulator.url)
        await client.aclose()


async def test_a_host_that_does_not_exist_is_not_retried() -> None:
    client = Http2Client(ssl.create_default_context)

    with pytest.raises(ConnectError):
        await client.open(request_to("http://a.invalid"), StreamLimits())


async def test_connecting_takes_no_longer_than_its_timeout() -> None:
    client = Http2Client(ssl.create_default_context)
    async with serve(hang, raw=True) as silent:
        request = request_to(f"https://127.0.0.1:{silent.port}")
        request.timeouts = Timeouts(connect=0.05)

        with pytest.raises(ConnectTimeoutError, match="connect_timeout"):
            await client.open(request, StreamLimits())
        request.deadline = asyncio.get_running_loop().time()
        with pytest.raises((ConnectTimeoutError, RequestTimeoutError), match="total"):
            await client.open(request, StreamLimits())


async def test_a_request_needs_an_endpoint() -> None:
    with pytest.raises(EndpointResolutionError):
        await Http2Client(ssl.create_default_context).open(Request(), StreamLimits())


async def test_a_closed_client_opens_nothing() -> None:
    client = Http2Client(ssl.create_default_context)
    await client.aclose()

    with pytest.raises(ClientStateError):
        await client.open(request_to("http://127.0.0.1:1"), StreamLimits())


async def test_closing_closes_the_connections() -> None:
    client = Http2Client(ssl.create_default_context)
    async with Emulator() as emulator:
        connection = await client.open(request_to(emulator.url), StreamLimits())
        await client.aclose()

        assert connection.lost.done()
        with pytest.raises(ClientStateError):
            await connection.response()
