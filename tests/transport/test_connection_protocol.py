from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from typing import Final

import aiohttp
import pytest

from sagemaker_rt.http import Request
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.connection_protocol import ConnectionProtocol
from tests.transport.servers import Server, reply, serve

REFUSED = reply(b"no").replace(b"200 OK", b"413 Too Large")
POLLED_AGE: Final = 0.15  # seconds after which a connection is polled


class Inner(asyncio.Protocol):
    """Records what is passed on, and has a queue as that of aiohttp."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.queue: list[bytes] = []

    def __len__(self) -> int:
        return len(self.queue)

    def data_received(self, data: bytes) -> None:
        self.calls.append(data)

    def eof_received(self) -> bool:
        self.calls.append("end")
        return True

    def pause_writing(self) -> None:
        self.calls.append("pause")

    def resume_writing(self) -> None:
        self.calls.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.calls.append(exc)


class Connected:
    """A connection, its protocols, and the other end."""

    def __init__(self, transport: asyncio.Transport, other: socket.socket) -> None:
        self.transport = transport
        self.other = other
        self.protocol = ConnectionProtocol.of(transport)

    @classmethod
    async def make(cls) -> Connected:
        one, other = socket.socketpair()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(Inner, sock=one)
        return cls(transport, other)

    @property
    def inner(self) -> Inner:
        inner = self.protocol._inner
        assert isinstance(inner, Inner)
        return inner


@pytest.fixture
async def connected() -> AsyncIterator[Connected]:
    connected = await Connected.make()
    yield connected
    connected.transport.abort()
    connected.other.close()
    await asyncio.sleep(0)


async def test_a_connection_has_one_protocol(connected: Connected) -> None:
    assert connected.protocol is ConnectionProtocol.of(connected.transport)
    assert connected.protocol is connected.transport.get_protocol()


async def test_everything_is_passed_on(connected: Connected) -> None:
    protocol, error = connected.protocol, OSError()

    protocol.pause_writing()
    protocol.resume_writing()
    protocol.data_received(b"a")
    protocol.feed(b"b")
    is_kept = protocol.eof_received()
    protocol.connection_lost(error)

    assert ["pause", "resume", b"a", b"b", "end", error] == connected.inner.calls
    assert is_kept


async def test_what_is_received_first_is_recorded(connected: Connected) -> None:
    protocol = connected.protocol
    half = bytes(1 << 15)

    received = protocol.start()
    for _ in range(3):
        protocol.data_received(half)
    protocol.stop_recording()
    protocol.data_received(b"later")

    assert [half, half] == received
    assert 4 == len(connected.inner.calls)


async def test_the_second_use_is_a_reuse(connected: Connected) -> None:
    protocol = connected.protocol
    facts = [(protocol.is_new, protocol.is_reused)]

    for _ in range(2):
        protocol.start()
        facts.append((protocol.is_new, protocol.is_reused))

    assert [(True, False), (False, False), (False, True)] == facts


async def test_data_for_no_request_closes_the_connection(connected: Connected) -> None:
    protocol = connected.protocol
    protocol.start()
    protocol.start_idling()
    assert protocol.is_usable()

    protocol.data_received(b"unsolicited")

    assert [] == connected.inner.calls
    assert not protocol.is_usable()
    assert connected.transport.is_closing()


async def test_a_queued_response_makes_a_connection_unusable(
    connected: Connected,
) -> None:
    connected.inner.queue.append(b"unsolicited")

    assert not connected.protocol.is_usable()


async def test_a_connection_whose_end_was_not_read_is_unusable(
    connected: Connected,
) -> None:
    connected.protocol.start_idling()
    assert connected.protocol.is_usable()

    connected.other.close()
    time.sleep(POLLED_AGE)  # noqa: ASYNC251 - the loop must not read the end

    assert not connected.protocol.is_usable()


@pytest.mark.parametrize("is_lost_before", [False, True])
async def test_the_reader_of_a_body_is_woken_when_the_connection_is_lost(
    connected: Connected, *, is_lost_before: bool
) -> None:
    content = aiohttp.StreamReader(
        aiohttp.base_protocol.BaseProtocol(asyncio.get_running_loop()), 100
    )

    if is_lost_before:
        connected.protocol.connection_lost(None)
    connected.protocol.watch(content)
    if not is_lost_before:
        connected.protocol.connection_lost(None)

    assert isinstance(content.exception(), aiohttp.ClientPayloadError)


async def test_a_complete_body_is_left_alone(connected: Connected) -> None:
    content = aiohttp.StreamReader(
        aiohttp.base_protocol.BaseProtocol(asyncio.get_running_loop()), 100
    )
    connected.protocol.watch(content)
    content.feed_eof()

    connected.protocol.connection_lost(None)

    assert content.exception() is None


def request(server: Server, size: int) -> Request:
    made = server.request()
    made.body = bytes(size)
    return made


@pytest.mark.parametrize(
    ("answer", "size", "connections"),
    [
        (REFUSED, 65_536, 1),
        (REFUSED, 65_537, 2),
        (reply(b"yes"), 65_537, 1),
    ],
)
async def test_a_connection_is_not_reused_after_a_large_request_was_refused(
    answer: bytes, size: int, connections: int
) -> None:
    async with serve(answer) as server, AiohttpClient() as client:
        for _ in range(2):
            response = await client.send(request(server, size))
            await response.body.read(99)
            response.body.release()

        assert server.connections == connections
