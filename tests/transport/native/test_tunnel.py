from __future__ import annotations

import pytest

from sagemaker_rt.transport.native.native_errors import ProxyRefusedError
from sagemaker_rt.transport.native.tunnel import TunnelReply, tunnel_request
from tests.splits import splits

OPEN = b"HTTP/1.1 200 Connected\r\nX-A: b\r\n\r\n"


def test_a_request_names_the_server_and_can_have_a_password() -> None:
    assert b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" == tunnel_request(
        "a:443", None
    )
    assert b"\r\nProxy-Authorization: Basic x\r\n" in tunnel_request("a:443", "Basic x")


def test_a_reply_can_be_split_anywhere() -> None:
    for pieces in splits(OPEN):
        reply, received = TunnelReply(), b""
        for piece in pieces:
            reply.feed(piece)
            received += piece
            assert reply.is_open is (received == OPEN)


@pytest.mark.parametrize("status", [407, 502, 302, 101])
def test_a_refusal_has_its_status(status: int) -> None:
    with pytest.raises(ProxyRefusedError) as raised:
        TunnelReply().feed(b"HTTP/1.1 %d No\r\n\r\n" % status)

    assert status == raised.value.status


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-server\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        OPEN + b"early",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * (1 << 16),
    ],
)
def test_other_data_is_a_lost_connection(data: bytes) -> None:
    with pytest.raises(ConnectionAbortedError):
        TunnelReply().feed(data)
