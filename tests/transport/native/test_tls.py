from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from sagemaker_rt.transport.native.tls import TLSStream
from tests.transport.certificates import self_signed

LARGE = bytes(range(256)) * 1024


class Server:
    """The other side of a TLS connection, in memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.is_connected = False

    def answer(self, data: bytes) -> bytes:
        """Take bytes of the handshake, and return the answer."""
        self.incoming.write(data)
        try:
            self.tls.do_handshake()
            self.is_connected = True
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def sent(self, content: bytes) -> bytes:
        while content:
            content = content[self.tls.write(content) :]
        return self.outgoing.read()

    def received(self, data: bytes) -> bytes:
        self.incoming.write(data)
        parts = []
        while True:
            try:
                parts.append(self.tls.read(1 << 16))
            except ssl.SSLWantReadError:
                return b"".join(parts)


@pytest.fixture(scope="module")
def contexts(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return self_signed(tmp_path_factory.mktemp("certificates"))


def connect(client: TLSStream, server: Server) -> None:
    for _ in range(10):
        is_connected = client.is_connected()
        client.receive(server.answer(client.outgoing()))
        if is_connected and server.is_connected:
            return
    pytest.fail("no handshake")


def test_content_goes_both_ways(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    client, server = TLSStream(contexts[1], "127.0.0.1"), Server(contexts[0])
    connect(client, server)

    assert LARGE == server.received(client.encrypt(LARGE))
    assert LARGE == server.received(client.encrypt(memoryview(LARGE)))
    assert LARGE == client.decrypt(server.sent(LARGE))
    assert b"" == client.decrypt(b"")
    assert not client.is_ended


def test_content_can_be_split_anywhere(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    client, server = TLSStream(contexts[1], "127.0.0.1"), Server(contexts[0])
    connect(client, server)
    client.decrypt(b"")

    data = server.sent(b"hello")

    assert b"hello" == b"".join(client.decrypt(bytes([byte])) for byte in data)


def test_the_end_of_the_connection_is_noted(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    client, server = TLSStream(contexts[1], "127.0.0.1"), Server(contexts[0])
    connect(client, server)
    data = server.sent(b"hello")
    with pytest.raises(ssl.SSLWantReadError):
        server.tls.unwrap()

    assert b"hello" == client.decrypt(data + server.outgoing.read())
    assert client.is_ended


def test_the_peer_is_told_of_a_close(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    client, server = TLSStream(contexts[1], "127.0.0.1"), Server(contexts[0])
    connect(client, server)

    server.incoming.write(client.close())

    assert b"" == server.tls.read()


def test_a_connection_without_handshake_can_be_closed(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    assert b"" == TLSStream(contexts[1], "127.0.0.1").close()


def test_an_untrusted_certificate_is_an_error(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    client = TLSStream(ssl.create_default_context(), "127.0.0.1")

    with pytest.raises(ssl.SSLCertVerificationError):
        connect(client, Server(contexts[0]))

    assert client.outgoing()  # an alert


def test_other_data_is_an_error(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    client, server = TLSStream(contexts[1], "127.0.0.1"), Server(contexts[0])
    connect(client, server)

    with pytest.raises(ssl.SSLError):
        client.decrypt(b"HTTP/1.1 200 OK\r\n\r\n")


def test_tls_can_run_inside_tls(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext], tmp_path: Path
) -> None:
    outer_contexts = self_signed(tmp_path)
    outer, outer_server = (
        TLSStream(outer_contexts[1], "127.0.0.1"),
        Server(outer_contexts[0]),
    )
    connect(outer, outer_server)
    inner, server = TLSStream(contexts[1], "127.0.0.1", outer), Server(contexts[0])
    for _ in range(5):
        inner.is_connected()
        answer = server.answer(outer_server.received(inner.outgoing()))
        inner.receive(outer_server.sent(answer))

    received = server.received(outer_server.received(inner.encrypt(b"request")))

    assert b"request" == received
    assert b"response" == inner.decrypt(outer_server.sent(server.sent(b"response")))
