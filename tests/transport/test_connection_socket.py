from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator

import pytest

from sagemaker_rt.transport.connection_socket import (
    ConnectionSocket,
    keepalive_socket,
    plain_socket,
)

Pair = tuple[ConnectionSocket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Yield a connected client and the socket of its server."""
    address = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 0))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = plain_socket(address)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
    assert isinstance(client, ConnectionSocket)
    with client, server:
        yield client, server


def send(client: ConnectionSocket, data: bytes) -> int:
    return client.send(data)


def send_buffers(client: ConnectionSocket, data: bytes) -> int:
    return client.sendmsg([data[:1], memoryview(data)[1:]])


def reset(server: socket.socket) -> None:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()


@pytest.mark.parametrize("write", [send, send_buffers])
def test_data_is_sent(
    pair: Pair, write: Callable[[ConnectionSocket, bytes], int]
) -> None:
    client, server = pair

    assert write(client, b"hello") == 5
    assert server.recv(9) == b"hello"


@pytest.mark.parametrize("write", [send, send_buffers])
def test_data_is_discarded_if_there_is_a_response(
    pair: Pair, write: Callable[[ConnectionSocket, bytes], int]
) -> None:
    client, server = pair
    server.send(b"a response")
    reset(server)

    assert [write(client, b"hello") for _ in range(3)] == [5, 5, 5]
    assert client.recv(99) == b"a response"


@pytest.mark.parametrize("write", [send, send_buffers])
def test_an_error_is_raised_if_there_is_no_response(
    pair: Pair, write: Callable[[ConnectionSocket, bytes], int]
) -> None:
    client, server = pair
    reset(server)

    with pytest.raises(ConnectionError):
        write(client, b"hello")


def test_an_error_is_raised_after_the_response_was_read(pair: Pair) -> None:
    client, server = pair
    server.send(b"a response")
    reset(server)
    client.send(b"hello")
    client.recv(99)

    with pytest.raises(ConnectionError):
        client.send(b"hello")


def test_a_keepalive_socket_probes_after_30_seconds() -> None:
    kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", 0))

    with keepalive_socket(kind) as made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert 30 == made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
