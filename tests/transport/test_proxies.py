from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import Client, Credentials, errors, with_options
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport.native.client import NativeClient
from tests.transport.certificates import self_signed
from tests.transport.pools import HTTPClients
from tests.transport.servers import (
    Peer,
    Server,
    ask,
    facts,
    reply,
    serve,
    to_port,
)


@pytest.fixture(scope="module")
def contexts(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return self_signed(tmp_path_factory.mktemp("certificates"))


@contextlib.asynccontextmanager
async def tunnel(
    server: Server, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Server, list[bytes]]]:
    """Run a proxy that makes tunnels to *server*; also give the requests for them."""
    connects: list[bytes] = []

    async def connect(peer: Peer) -> None:
        connects.append(await peer.reader.readuntil(b"\r\n\r\n"))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await peer.send(b"HTTP/1.1 200 Connected\r\n\r\n")

        async def pump(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
            while data := await source.read(1 << 16):
                to.write(data)
            to.close()

        await asyncio.gather(pump(peer.reader, writer), pump(reader, peer.writer))

    async with serve(connect, raw=True, context=context) as proxy:
        yield proxy, connects


BASIC = base64.b64encode(b"me:pass word")


async def test_a_plain_request_is_sent_to_the_proxy(
    client_class: type[HTTPClients],
) -> None:
    async with serve() as proxy:
        url = f"http://me:pass%20word@127.0.0.1:{proxy.port}"
        async with client_class(proxy=url) as client:
            for _ in range(2):
                await client.send(to_port(1))

    assert 1 == proxy.connections
    assert [
        b"POST http://127.0.0.1:1/ HTTP/1.1",
        b"host: 127.0.0.1:1",
        b"accept-encoding: identity",
        b"content-length: 0",
        b"Proxy-Authorization: Basic " + BASIC,
    ] == proxy.head.split(b"\r\n")


async def test_a_proxy_without_credentials_gets_no_header(
    client_class: type[HTTPClients],
) -> None:
    async with (
        serve() as proxy,
        client_class(proxy=f"http://127.0.0.1:{proxy.port}") as client,
    ):
        await client.send(to_port(1))

    assert b"authorization" not in proxy.head.lower()


async def test_a_tls_request_uses_a_tunnel(
    client_class: type[HTTPClients], contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server_context, client_context = contexts
    async with (
        serve(context=server_context) as server,
        tunnel(server) as (proxy, connects),
    ):
        url = f"http://me:pass%20word@127.0.0.1:{proxy.port}"
        async with client_class(proxy=url, ssl_context=client_context) as client:
            assert b"hello" == await ask(client, server)

    (head,) = connects
    assert head.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % server.port)
    assert b"Proxy-Authorization: Basic " + BASIC in head
    assert b"roxy-" not in server.head


@pytest.mark.parametrize("is_secure", [True, False])
async def test_a_proxy_can_use_tls_itself(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], *, is_secure: bool
) -> None:
    server_context, client_context = contexts
    async with (
        serve(context=server_context if is_secure else None) as server,
        tunnel(server, server_context) as (tunnels, connects),
        serve(context=server_context) as plain,
    ):
        proxy = tunnels if is_secure else plain
        url = f"https://me:pass%20word@127.0.0.1:{proxy.port}"
        async with NativeClient(proxy=url, ssl_context=client_context) as client:
            answers = [await ask(client, server) for _ in range(2)]

    assert [b"hello"] * 2 == answers
    if is_secure:
        assert b"Proxy-Authorization: Basic " + BASIC in connects[0]
        assert 1 == len(connects)
    else:
        assert plain.head.startswith(b"POST http://127.0.0.1:%d/" % server.port)


async def test_the_https_proxy_is_not_used_for_plain_requests(
    client_class: type[HTTPClients], contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server_context, client_context = contexts

    async with (
        serve(context=server_context) as server,
        serve() as plain,
        tunnel(server) as (proxy, connects),
        client_class(
            proxy=Proxies(https=f"http://127.0.0.1:{proxy.port}"),
            ssl_context=client_context,
        ) as client,
    ):
        assert b"hello" == await ask(client, server)
        assert b"hello" == await ask(client, plain)

    assert 1 == len(connects)
    assert plain.head.startswith(b"POST /endpoints/")


async def test_a_final_dot_is_not_sent_to_a_proxy(
    client_class: type[HTTPClients],
) -> None:
    async with serve() as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        async with client_class(proxy=url) as client:
            await client.send(
                Request(method="POST", endpoint=Endpoint("http://a.example.:81"))
            )

    lines = proxy.head.split(b"\r\n")
    assert b"POST http://a.example:81/ HTTP/1.1" == lines[0]
    assert b"host: a.example:81" in [line.lower() for line in lines]


async def test_a_final_dot_is_not_part_of_a_certificate(
    client_class: type[HTTPClients], contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server_context, client_context = contexts
    async with (
        serve(context=server_context) as server,
        tunnel(server) as (proxy, connects),
        client_class(
            proxy=f"http://127.0.0.1:{proxy.port}", ssl_context=client_context
        ) as client,
    ):
        endpoint = Endpoint(f"https://127.0.0.1.:{server.port}")
        await client.send(Request(endpoint=endpoint))

    assert 1 == len(connects)
    assert f"host: 127.0.0.1:{server.port}".encode() in server.head.lower()


async def test_hosts_in_no_proxy_are_reached_directly(
    client_class: type[HTTPClients],
) -> None:
    async with serve() as proxy, serve() as server:
        proxies = Proxies(
            http=f"http://127.0.0.1:{proxy.port}",
            no_proxy=f"a.example, 127.0.0.1:{server.port}",
        )
        async with client_class(proxy=proxies) as client:
            await client.send(server.request())
            await client.send(to_port(1))

    assert server.head.startswith(b"POST /endpoints/")
    assert b"POST http://127.0.0.1:1/ HTTP/1.1" == proxy.head.split(b"\r\n")[0]


async def test_a_client_uses_the_proxies_of_its_environment() -> None:
    keys = Credentials("AKID", "a-secret")
    async with serve() as proxy, serve() as named:
        environ = {
            "HTTP_PROXY": f"127.0.0.1:{proxy.port}",
            "NO_PROXY": f"127.0.0.1:{named.port}",
        }
        client = Client(region="us-east-1", credentials=keys, environ=environ)
        async with client:
            for port in (1, named.port):
                await client.with_options(
                    with_options(endpoint_url=f"http://127.0.0.1:{port}")
                ).invoke_endpoint(endpoint_name="m", body=b"{}")

    start = b"POST http://127.0.0.1:1/endpoints/m/invocations HTTP/1.1"
    assert start == proxy.head.split(b"\r\n")[0]
    assert (1, 1) == (proxy.connections, named.connections)


async def test_a_proxy_that_refuses_is_a_connect_error_without_its_password(
    client_class: type[HTTPClients],
) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.end(reply(b"", status="407 Proxy Authentication Required"))

    async with serve(refuse) as proxy:
        url = f"http://me:pass%20word@127.0.0.1:{proxy.port}"
        async with client_class(proxy=url) as client:
            with pytest.raises(errors.ConnectError, match="407") as raised:
                await client.send(to_port(1, scheme="https"))

    assert (False, False, False) == facts(raised.value)
    assert raised.value.__cause__ is None
    assert "pass%20word" not in str(raised.value)
    assert "pass word" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["", "proxy:x", "ftp://proxy", "http://", "http://me:secret@proxy:x"]
)
def test_an_invalid_proxy_url_is_refused(
    client_class: type[HTTPClients], url: str
) -> None:
    with pytest.raises(errors.OptionsError, match="proxy") as raised:
        client_class(proxy=url)

    assert "secret" not in str(raised.value)
