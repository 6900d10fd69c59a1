from __future__ import annotations

import asyncio
from math import inf

import pytest

from sagemaker_rt.errors import ConnectionLostError, RequestTimeoutError
from sagemaker_rt.http import Timeouts
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.expect_continue import add_expect_header, min_body_bytes
from tests.transport.pools import HTTPClients
from tests.transport.servers import Peer, facts, reply, serve


async def test_an_expect_header_of_the_caller_is_honoured(
    client: HTTPClients,
) -> None:
    """Even if the body is small, it is not written together with the headers."""

    async def accept(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await peer.end(reply(await peer.reader.readexactly(3)))

    async with serve(accept, raw=True) as server:
        response = await client.send(server.request(b"[1]", expect="100-continue"))
        body = await response.body.read(1000)

    assert b"[1]" == body


TWO_MIB = 2 << 20


async def is_body_sent(
    client_class: type[HTTPClients], *answers: bytes, within: float | None = None
) -> bool:
    """Return whether the body is sent to a server that gives these responses.

    Args:
        within: Seconds until the body must be sent; None if it must not be sent.
    """
    sent: list[bytes] = []

    async def respond(peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        assert b"expect: 100-continue" in head.lower()
        for answer in answers:
            if answer.startswith(b"HTTP/1.1 100"):
                assert not peer.reader._buffer  # type: ignore[attr-defined] # not in the stubs
            await peer.send(answer)
        if within is None:
            sent.append(await peer.reader.read())
            return
        sent.append(await peer.reader.readexactly(TWO_MIB))
        await peer.end(reply())

    client = client_class(expect_continue=True, continue_timeout=within or 60.0)
    async with serve(respond, raw=True) as server, client:
        response = await client.send(server.request(bytes(TWO_MIB)))
        await response.body.read(1000)
        if within is None:
            assert response.status in {413, 417}
            async with asyncio.timeout(30):
                await server.is_idle.wait()
        assert 1 == server.connections
    return any(sent)


async def test_a_large_body_is_sent_after_100_continue(
    client_class: type[HTTPClients],
) -> None:
    assert await is_body_sent(
        client_class, b"HTTP/1.1 100 Continue\r\n\r\n", within=60.0
    )


async def test_a_large_body_is_sent_after_continue_timeout(
    client_class: type[HTTPClients],
) -> None:
    assert await is_body_sent(client_class, within=0.05)


@pytest.mark.parametrize(
    "answer",
    [
        reply(status="417 Expectation Failed"),
        reply(status="413 Content Too Large"),
    ],
)
async def test_a_refused_body_is_not_sent(
    client_class: type[HTTPClients], answer: bytes
) -> None:
    assert not await is_body_sent(client_class, answer)


async def test_a_refusal_is_read_to_its_end(client_class: type[HTTPClients]) -> None:
    assert not await is_body_sent(
        client_class,
        b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nhe",
        b"llo",
    )


async def test_a_refused_body_is_not_sent_after_continue_timeout(
    client_class: type[HTTPClients],
) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\n")
        await asyncio.sleep(0.1)
        received.append(bytes(peer.reader._buffer))  # type: ignore[attr-defined] # not in the stubs
        await peer.end(b"hello")

    received: list[bytes] = []
    client = client_class(expect_continue=True, continue_timeout=0.05)
    async with serve(refuse, raw=True) as server, client:
        response = await client.send(server.request(bytes(TWO_MIB)))

        assert (413, b"hello") == (response.status, await response.body.read(1000))
    assert [b""] == received


async def test_a_connection_lost_before_100_continue_is_ambiguous(
    client_class: type[HTTPClients],
) -> None:
    async def end(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.end()

    client = client_class(expect_continue=True, continue_timeout=60.0)
    async with serve(end, raw=True) as server, client:
        with pytest.raises(ConnectionLostError) as raised:
            await client.send(server.request(bytes(TWO_MIB)))

    assert (True, True, False) == facts(raised.value)


async def test_a_smaller_body_is_sent_without_the_header(
    client_class: type[HTTPClients],
) -> None:
    async with serve() as server, client_class(expect_continue=True) as client:
        await client.send(server.request(bytes(TWO_MIB - 1)))

    assert b"expect" not in server.head.lower()


async def test_a_large_body_is_sent_after_continue_timeout_and_early_hints() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\n\r\n"

    assert await is_body_sent(AiohttpClient, hints, within=0.1)


async def test_half_a_response_ends_at_read_timeout() -> None:
    async def stall(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 413 Content")
        await peer.hang()

    client = AiohttpClient(expect_continue=True, continue_timeout=0.05)
    async with serve(stall, raw=True) as server, client:
        request = server.request(bytes(TWO_MIB), timeouts=Timeouts(read=0.1))
        with pytest.raises(RequestTimeoutError):
            await client.send(request)


def test_the_size_of_the_body_decides() -> None:
    sizes = [min_body_bytes(is_enabled=is_enabled) for is_enabled in (False, True)]

    assert [inf, TWO_MIB] == sizes


def test_the_header_is_added() -> None:
    headers = {"host": "h"}

    add_expect_header(headers)

    assert {"host": "h", "expect": "100-continue"} == headers
