from __future__ import annotations

import asyncio
import re
import socket
import ssl
import traceback
from pathlib import Path

import aiohttp
import aiohttp.abc
import pytest

from sagemaker_rt import errors
from sagemaker_rt.http import Endpoint, Request, Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.transport.certificates import self_signed
from tests.transport.pools import HTTPClients
from tests.transport.servers import (
    OK,
    Peer,
    ask,
    facts,
    full_backlog,
    hang,
    reply,
    serve,
    to_port,
)


@pytest.fixture(scope="module")
def contexts(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return self_signed(tmp_path_factory.mktemp("certificates"))


async def test_the_response_has_status_headers_and_body(client: HTTPClients) -> None:
    async with serve(reply(b"no", "X-A: b", status="503 Busy")) as server:
        response = await client.send(server.request())

    assert (503, "b", b"no") == (
        response.status,
        response.headers["X-A"],
        response.body.read_nowait(),
    )


async def test_a_redirect_is_not_followed(client: HTTPClients) -> None:
    async with serve() as other:
        to = f"Location: http://127.0.0.1:{other.port}/stolen"
        async with serve(reply(b"", to, status="307 Temporary Redirect")) as server:
            response = await client.send(server.request(x_amz_security_token="t"))

    assert 307 == response.status
    assert [] == other.requests


async def test_cookies_are_not_sent_back(client: HTTPClients) -> None:
    async with serve(reply(b"", "Set-Cookie: a=b; Path=/")) as server:
        first = await client.send(server.request())
        await client.send(server.request())

    assert "a=b; Path=/" == first.headers["set-cookie"]
    assert b"cookie" not in server.head.lower()


async def test_proxies_and_passwords_of_the_environment_are_not_used(
    client: HTTPClients, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret")
    netrc.chmod(0o600)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("NETRC", str(netrc))

    async with serve() as server:
        await ask(client, server)

    assert b"authorization" not in server.head.lower()


async def test_a_refused_connection_is_retryable(client: HTTPClients) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        with pytest.raises(errors.ConnectError) as raised:
            await client.send(to_port(port))

    assert errors.ConnectError is type(raised.value)
    assert (False, False, True) == facts(raised.value)
    assert f"127.0.0.1:{port}" in str(raised.value)
    causes = aiohttp.ClientConnectorError, ConnectionRefusedError
    assert isinstance(raised.value.__cause__, causes)


async def test_connecting_ends_at_connect_timeout(
    client: HTTPClients,
) -> None:
    with full_backlog() as port, pytest.raises(errors.ConnectTimeoutError) as raised:
        await client.send(to_port(port, connect=0.1))

    assert (False, False, True) == facts(raised.value)
    assert "0.1 s" in str(raised.value)
    assert f"127.0.0.1:{port}" in str(raised.value)


async def test_a_stalled_tls_handshake_ends_at_connect_timeout(
    client: HTTPClients,
) -> None:
    async with serve(hang, raw=True) as server:
        request = to_port(server.port, scheme="https", connect=0.1)

        with pytest.raises(errors.ConnectTimeoutError) as raised:
            await client.send(request)

    assert (False, False, True) == facts(raised.value)


async def test_an_untrusted_certificate_is_a_certificate_error(
    client: HTTPClients, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    async with serve(context=contexts[0]) as server:
        with pytest.raises(errors.CertificateError) as raised:
            await client.send(server.request())

    assert (False, False, False) == facts(raised.value)
    assert "self-signed" in str(raised.value)


async def test_a_certificate_for_another_address_is_rejected(
    client_class: type[HTTPClients], tmp_path: Path
) -> None:
    server_context, client_context = self_signed(tmp_path, address="127.0.0.2")

    async with (
        client_class(ssl_context=client_context) as client,
        serve(context=server_context) as server,
    ):
        with pytest.raises(errors.CertificateError):
            await client.send(server.request())


async def test_a_server_without_tls_is_not_a_certificate_error(
    client: HTTPClients,
) -> None:
    async def speak_http(peer: Peer) -> None:
        await peer.end(OK)

    async with serve(speak_http, raw=True) as server:
        with pytest.raises(errors.ConnectError) as raised:
            await client.send(to_port(server.port, scheme="https"))

    assert errors.ConnectError is type(raised.value)


class Resolver(aiohttp.abc.AbstractResolver):
    """Resolves all names to loopback, and records them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        self.names.append(host)
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        pass


async def test_a_final_dot_is_looked_up_and_not_sent(tmp_path: Path) -> None:
    names: list[str | None] = []
    server_context, _ = self_signed(tmp_path)
    server_context.sni_callback = lambda _, name, __: names.append(name)
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    resolver = Resolver()
    connector = aiohttp.TCPConnector(resolver=resolver, ssl=client_context)
    async with (
        serve(context=server_context) as server,
        aiohttp.ClientSession(connector=connector) as session,
        AiohttpClient(session) as client,
    ):
        endpoint = Endpoint(f"https://a.example.:{server.port}")
        await client.send(Request(endpoint=endpoint))

    assert (["a.example."], ["a.example"]) == (resolver.names, names)
    assert f"host: a.example:{server.port}".encode() in server.head.lower()


async def test_a_trusted_certificate_is_accepted(
    client_class: type[HTTPClients], contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server_context, client_context = contexts

    async with (
        client_class(ssl_context=client_context) as client,
        serve(context=server_context) as server,
    ):
        assert [b"hello"] * 2 == [await ask(client, server) for _ in range(2)]

        assert 1 == server.connections


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 200 O", OK[:30]])
@pytest.mark.parametrize("way", ["end", "reset"])
async def test_a_connection_lost_before_the_response_headers_is_ambiguous(
    client: HTTPClients, part: bytes, way: str
) -> None:
    async def lose(peer: Peer) -> None:
        await (peer.end(part) if way == "end" else peer.reset(part))

    async with serve(lose) as server:
        with pytest.raises(errors.ConnectionLostError) as raised:
            await client.send(server.request())

        assert 1 == len(server.requests)
    assert (True, True, False) == facts(raised.value)


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 200 O"])
async def test_response_headers_that_do_not_arrive_end_at_read_timeout(
    client: HTTPClients, part: bytes
) -> None:
    async def stall(peer: Peer) -> None:
        await peer.send(part)
        await peer.hang()

    async with serve(stall) as server:
        with pytest.raises(errors.RequestTimeoutError) as raised:
            await client.send(server.request(timeouts=Timeouts(read=0.1)))

        async with asyncio.timeout(30):
            await server.is_idle.wait()
    assert (True, True, False) == facts(raised.value)
    assert raised.value.__cause__ is None


async def test_a_call_ends_by_its_deadline(client: HTTPClients) -> None:
    async with serve(hang) as server:
        deadline = asyncio.get_running_loop().time() + 0.1

        with pytest.raises(errors.RequestTimeoutError, match="total_timeout") as raised:
            await client.send(server.request(deadline=deadline))

    assert (True, True, False) == facts(raised.value)


async def test_nothing_is_sent_after_the_deadline(client: HTTPClients) -> None:
    async with serve() as server:
        deadline = asyncio.get_running_loop().time()

        with pytest.raises(errors.RequestTimeoutError, match="total_timeout") as raised:
            await client.send(server.request(deadline=deadline))

        assert 0 == server.connections
    assert (False, False, False) == facts(raised.value)


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"HTTP/9 nope\r\n\r\n", "Bad status line|Expected dot"),
        (b"\x16\x03\x01\x00\xa5\r\n\r\n", "Bad status line|Expected HTTP/"),
        (OK.replace(b"\r\n\r\n", b"\r\nX-A: secret\0\r\n\r\n"), "Invalid "),
        (
            OK.replace(b"\r\n\r\n", b"\r\nContent-Length: 6\r\n\r\n"),
            "Duplicate Content",
        ),
        (
            OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "Transfer-Encoding can't be present",
        ),
        (OK.replace(b"\r\n\r\n", b"\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n"), "Got more"),
    ],
)
async def test_invalid_response_headers_are_an_error(
    client: HTTPClients, head: bytes, reason: str
) -> None:
    async with serve(head) as server:
        with pytest.raises(errors.DeserializationError) as raised:
            await client.send(server.request())

        async with asyncio.timeout(30):
            await server.is_idle.wait()
    assert (True, True, False) == facts(raised.value)
    assert re.search(reason, str(raised.value))
    assert "secret" not in str(raised.value)


async def test_a_request_without_an_endpoint_is_not_sent(client: HTTPClients) -> None:
    with pytest.raises(errors.EndpointResolutionError):
        await client.send(Request())


async def test_an_error_shows_no_signature(client: HTTPClients) -> None:
    async def lose(peer: Peer) -> None:
        await peer.end()

    async with serve(lose) as server:
        request = server.request(authorization="Signature=53c2e7")
        with pytest.raises(errors.ConnectionLostError) as raised:
            await client.send(request)

    shown = [repr(raised.value), repr(raised.value.__cause__)]
    traceback = raised.value.__traceback__
    while traceback is not None:
        if "sagemaker_rt" in traceback.tb_frame.f_code.co_filename:
            shown += map(repr, traceback.tb_frame.f_locals.values())
        traceback = traceback.tb_next
    assert "53c2e7" not in "".join(shown)


async def test_the_traceback_of_a_cancellation_shows_no_header(
    client: HTTPClients,
) -> None:
    """The frames of an HTTP library hold the headers in local variables."""
    is_connected = asyncio.Event()

    async def talk(peer: Peer) -> None:
        is_connected.set()
        await hang(peer)

    async with serve(talk) as server:
        request = server.request(x_amz_security_token="hush")
        sending = asyncio.create_task(client.send(request))
        await is_connected.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await sending

    frames = [frame for frame, _ in traceback.walk_tb(raised.value.__traceback__)]
    shown = [repr(value) for f in frames for value in f.f_locals.values()]
    assert not any("hush" in text for text in shown)
