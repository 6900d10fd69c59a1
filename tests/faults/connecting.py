"""Faults before a connection is there, and while a request is being written."""

from __future__ import annotations

import asyncio
from typing import Final

from sagemaker_rt import (
    CertificateError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    RequestTimeoutError,
    TruncatedBodyError,
    UnknownServiceError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    OK,
    Peer,
    Place,
    accepts,
    ends_at_once,
    is_full,
    is_silent,
    refuses,
    reply,
    resets,
    says,
    serves_no_name,
)

__all__ = ["CONNECT", "TLS", "WRITE"]

_MEBIBYTE: Final = 1 << 20
_LARGE: Final = 24 * _MEBIBYTE
_UPLOAD: Final = Call(body_bytes=_LARGE)
_TOO_LARGE: Final = reply(b"too large", status="413 Payload Too Large")


_IMPATIENT: Final = Call(options={"connect_timeout": 0.2})

CONNECT: Final = (
    Fault(
        name="nobody listens",
        phase="connect",
        scene=refuses(),
        error=ConnectError,
        attempts=3,
        request_sent=False,
        bodies=0,
    ),
    Fault(
        name="the backlog is full",
        phase="connect",
        scene=is_full(),
        call=_IMPATIENT,
        error=ConnectTimeoutError,
        attempts=3,
        request_sent=False,
        bodies=0,
    ),
    Fault(
        name="the name does not exist",
        phase="connect",
        scene=serves_no_name(),
        error=ConnectError,
        attempts=1,
        request_sent=False,
        bodies=0,
    ),
    Fault(
        name="the connection is accepted, and ended",
        phase="connect",
        scene=accepts(ends_at_once()),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=0,
    ),
    Fault(
        name="the connection is accepted, and reset",
        phase="connect",
        scene=accepts(resets()),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=0,
    ),
)


async def _ends_in_handshake(peer: Peer, place: Place) -> None:
    await peer.reader.read(1)
    await peer.end()


async def _resets_in_handshake(peer: Peer, place: Place) -> None:
    await peer.reader.read(1)
    await peer.reset()


async def _answers_half(peer: Peer, place: Place) -> None:
    """Cut the answer, and TLS too, whose end is not announced."""
    await _receive(peer, place)
    await peer.send(reply(b"x" * 100)[:-50])
    peer.writer.transport.abort()


async def _receive(peer: Peer, place: Place) -> None:
    request = await peer.receive()
    if request is not None:
        place.requests.append(request)


TLS: Final = (
    *(
        Fault(
            name=f"the certificate is {kind}",
            phase="tls",
            scene=accepts(says(OK), certificate=kind, scheme="https"),
            error=CertificateError,
            request_sent=False,
            bodies=0,
        )
        for kind in ("for a wrong host", "untrusted", "expired", "self-signed")
    ),
    Fault(
        name="the handshake stalls",
        phase="tls",
        scene=accepts(is_silent(), scheme="https"),
        call=_IMPATIENT,
        error=ConnectTimeoutError,
        attempts=3,
        request_sent=False,
        bodies=0,
    ),
    *(
        Fault(
            name=f"the handshake is {how}",
            phase="tls",
            scene=accepts(does, scheme="https"),
            error=ConnectError,
            attempts=3,
            request_sent=False,
            bodies=0,
        )
        for how, does in (
            ("ended", _ends_in_handshake),
            ("reset", _resets_in_handshake),
            ("answered with HTTP", says(reply(status="400 Bad Request"))),
            ("answered with half a record", ends_at_once(b"\x16\x03\x03\x00")),
        )
    ),
    Fault(
        name="the client speaks plainly to a server of TLS",
        phase="tls",
        scene=accepts(says(), certificate="good"),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=0,
    ),
    Fault(
        name="TLS breaks off inside a body",
        phase="tls",
        scene=accepts(_answers_half, certificate="good", scheme="https"),
        error=TruncatedBodyError,
        may_have_executed=True,
        is_cut=True,
    ),
)


async def _never_reads(peer: Peer, place: Place) -> None:
    await peer.writer.wait_closed()


async def _reads_half_and_ends(peer: Peer, place: Place) -> None:
    await peer.reader.readexactly(_LARGE // 2)
    peer.writer.write_eof()
    await peer.hang()


async def _reads_half_and_resets(peer: Peer, place: Place) -> None:
    await peer.reader.readexactly(_LARGE // 2)
    await peer.reset()


async def _reads_half_and_stops(peer: Peer, place: Place) -> None:
    await peer.reader.readexactly(_LARGE // 2)
    await peer.writer.wait_closed()


async def _refuses_and_stops_reading(peer: Peer, place: Place) -> None:
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.send(_TOO_LARGE)
    await peer.writer.wait_closed()


async def _refuses_and_ends(peer: Peer, place: Place) -> None:
    """Linger, as servers do so that the answer is not lost by a reset."""
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.send(_TOO_LARGE)
    peer.writer.write_eof()
    await peer.hang()


async def _refuses_and_resets(peer: Peer, place: Place) -> None:
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.reset(_TOO_LARGE)


async def _reads_slowly(peer: Peer, place: Place) -> None:
    """Take longer than the time for no progress, and make some all the time."""
    await peer.reader.readuntil(b"\r\n\r\n")
    for _ in range(_LARGE // _MEBIBYTE):
        await peer.reader.readexactly(_MEBIBYTE)
        await asyncio.sleep(0.015)
    place.requests.append(b"")
    await peer.send(OK)


WRITE: Final = (
    *(
        Fault(
            name=f"an upload is {how}",
            phase="write",
            scene=accepts(does),
            call=_UPLOAD,
            error=RequestTimeoutError,
            may_have_executed=True,
            bodies=0,
        )
        for how, does in (
            ("never read", _never_reads),
            ("read to its half", _reads_half_and_stops),
        )
    ),
    *(
        Fault(
            name=f"half an upload is read, and the connection {how}",
            phase="write",
            scene=accepts(does),
            call=_UPLOAD,
            error=ConnectionLostError,
            may_have_executed=True,
            bodies=0,
        )
        for how, does in (
            ("ended", _reads_half_and_ends),
            ("reset", _reads_half_and_resets),
        )
    ),
    *(
        Fault(
            name=f"an upload is refused early, and {how}",
            phase="write",
            scene=accepts(does),
            call=_UPLOAD,
            error=UnknownServiceError,
            code="Unknown",
            bodies=0,
        )
        for how, does in (
            ("read no further", _refuses_and_stops_reading),
            ("the connection ended", _refuses_and_ends),
            ("the connection reset", _refuses_and_resets),
        )
    ),
    Fault(
        name="an upload is read slowly but steadily",
        phase="write",
        scene=accepts(_reads_slowly),
        call=_UPLOAD,
        data=b"hello",
        is_reused=True,
    ),
)
