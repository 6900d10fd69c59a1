from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.http import Endpoint
from sagemaker_rt.transport.native.connection import READ_BYTES, Connection, Wire
from sagemaker_rt.transport.native.native_errors import ConnectionEndedError
from sagemaker_rt.transport.native.route import Routes
from sagemaker_rt.transport.tcp_info import socket_bytes_acked
from tests.transport.servers import OK, reply

ROUTE = Routes(None).of(Endpoint("http://a.example"))
LARGE = bytes(range(256)) * 65536  # 16 MiB: more than sockets hold


class Owner:
    """A pool that records what becomes of its connections."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.released: list[Connection] = []
        self.forgotten: list[Connection] = []

    def release(self, connection: Connection) -> None:
        self.released.append(connection)

    def forget(self, connection: Connection) -> None:
        self.forgotten.append(connection)


class Pair:
    """A connection, and the socket of its server."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            ours = socket.create_connection(listening.getsockname())
            self.peer, _ = listening.accept()
        ours.setblocking(False)
        self.owner = Owner()
        wire = Wire(ours, None, 0, socket_bytes_acked(ours))
        buffer = memoryview(bytearray(READ_BYTES))
        self.connection = Connection(self.owner, ROUTE, wire, buffer)

    def reset(self) -> None:
        self.peer.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.peer.close()


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    pair = Pair()
    yield pair
    pair.connection.close()
    pair.peer.close()


async def test_a_request_and_its_response(pair: Pair) -> None:
    for _ in range(2):
        download = pair.connection.start()
        pair.connection.write(b"request")
        pair.connection.finish_upload(is_complete=True)
        assert b"request" == pair.peer.recv(100)
        pair.peer.send(OK)
        await download.head()

        assert (200, b"hello") == (download.status, download.take())
    assert [pair.connection] * 2 == pair.owner.released
    assert pair.connection.is_reused
    assert pair.connection.is_usable(now=1e9)


async def test_a_response_before_the_end_of_the_upload_is_complete(pair: Pair) -> None:
    download = pair.connection.start()
    pair.connection.write(b"request")
    pair.peer.send(OK)
    await download.head()
    assert download.is_complete
    assert [] == pair.owner.released

    pair.connection.finish_upload(is_complete=True)

    assert [pair.connection] == pair.owner.released


async def test_a_connection_with_half_a_request_is_closed(pair: Pair) -> None:
    download = pair.connection.start()
    pair.connection.write(b"req")
    pair.peer.send(reply(status="413 No"))
    await download.head()

    pair.connection.finish_upload(is_complete=False)

    assert pair.connection.is_closed
    assert [pair.connection] == pair.owner.forgotten
    assert b"hello" == download.take()


async def test_what_the_socket_does_not_take_is_sent_later(pair: Pair) -> None:
    download = pair.connection.start()
    pair.connection.write(LARGE)
    assert pair.connection.has_unsent
    reading = asyncio.create_task(
        asyncio.to_thread(pair.peer.recv, len(LARGE), socket.MSG_WAITALL)
    )
    while pair.connection.has_unsent:
        await download.changed()

    assert LARGE == await reading


async def test_a_response_is_read_after_writing_fails(pair: Pair) -> None:
    download = pair.connection.start()
    pair.connection.pause_reading()
    pair.connection.write(b"request")
    pair.peer.send(reply(status="413 No"))
    pair.reset()
    for _ in range(10):
        pair.connection.write(b"more")

    assert (413, True) == (download.status, download.is_complete)
    assert b"hello" == download.take()
    assert download.error is None


async def test_a_failure_to_write_is_an_error_if_there_is_no_response(
    pair: Pair,
) -> None:
    download = pair.connection.start()
    pair.connection.pause_reading()
    pair.connection.write(b"request")
    pair.reset()
    for _ in range(10):
        pair.connection.write(b"more")

    error = download.error
    assert isinstance(error, OSError)
    assert error.__traceback__ is None
    assert pair.connection.is_closed
    assert not pair.connection.is_undelivered


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_the_end_of_a_connection_ends_a_response(pair: Pair, end: str) -> None:
    download = pair.connection.start()
    pair.peer.send(OK[:-2])
    if end == "reset":
        await download.head()
        pair.reset()
    else:
        pair.peer.close()
    while download.error is None:
        await download.changed()

    kind = ConnectionEndedError if end == "close" else ConnectionResetError
    assert kind is type(download.error)
    assert [pair.connection] == pair.owner.forgotten


async def test_data_on_an_idle_connection_closes_it(pair: Pair) -> None:
    pair.peer.send(b"\r\n")
    await asyncio.sleep(0.01)

    assert pair.connection.is_closed


async def test_an_idle_connection_is_checked_after_a_while(pair: Pair) -> None:
    pair.connection.pause_reading()  # as if the event loop were blocked
    pair.peer.close()
    pair.connection.idle_since = 100.0

    assert pair.connection.is_usable(now=100.05)
    assert not pair.connection.is_usable(now=100.2)


async def test_a_paused_connection_is_not_read(pair: Pair) -> None:
    download = pair.connection.start()
    pair.connection.pause_reading()
    pair.connection.pause_reading()
    pair.peer.send(OK)
    await asyncio.sleep(0.01)
    assert 0 == download.status

    pair.connection.resume_reading()
    pair.connection.resume_reading()
    await download.head()

    assert download.is_complete


async def test_closing_ends_the_response_once(pair: Pair) -> None:
    download = pair.connection.start()
    pair.connection.write(LARGE)

    pair.connection.close()
    pair.connection.close(is_clean=True)
    pair.connection.write(b"more")
    pair.connection.resume_reading()

    assert isinstance(download.error, ConnectionAbortedError)
    assert [pair.connection] == pair.owner.forgotten
    assert not pair.connection.has_unsent
