"""The selection of a protocol by the first bytes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagemaker_rt.emulator.protocol_selection import ProtocolSelection

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Named(asyncio.Protocol):
    """A protocol that keeps what it received."""

    def __init__(self) -> None:
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data


class Transport:
    def __init__(self) -> None:
        self.protocol: Any = None

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol


@pytest.mark.parametrize(
    ("data", "is_http2"),
    [(PREFACE + b"more", True), (b"POST / HTTP/1.1\r\n", False), (b"PRIX", False)],
)
@pytest.mark.parametrize("split", [0, 1, 3, 4])
def test_the_protocol_is_selected_at_every_split(
    data: bytes, split: int, *, is_http2: bool
) -> None:
    http1, http2, transport = Named(), Named(), Transport()
    waiting: set[Any] = set()
    selection = ProtocolSelection(lambda: http1, lambda: http2, waiting)
    selection.connection_made(transport)
    assert {transport} == waiting

    for part in (data[:split], data[split:]):
        if part and transport.protocol is None:
            selection.data_received(part)
        elif part:
            transport.protocol.data_received(part)

    chosen = http2 if is_http2 else http1
    assert chosen is transport.protocol
    assert data == chosen.received
    assert not waiting


def test_a_connection_without_bytes_is_forgotten() -> None:
    waiting: set[Any] = set()
    selection = ProtocolSelection(Named, Named, waiting)
    selection.connection_lost(None)
    selection.connection_made(Transport())

    assert not selection.eof_received()
    selection.connection_lost(None)
    assert not waiting
