"""Faults while connecting, and while a request is written."""

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
    FaultyServer,
    Peer,
    full_port,
    on_connection,
    on_request,
    refused_port,
    reply,
    sends,
    sends_and_closes_at_once,
    sends_and_hangs,
    sends_and_resets,
    unknown_host,
)

__all__ = ["CONNECT", "TLS", "WRITE"]

_MEBIBYTE: Final = 1 << 20
_LARGE: Final = 24 * _MEBIBYTE
_UPLOAD: Final = Call(body_bytes=_LARGE)
_TOO_LARGE: Final = reply(b"too large", status="413 Payload Too Large")


_SHORT_CONNECT_TIMEOUT: Final = Call(options={"connect_timeout": 0.2})

CONNECT: Final = (
    Fault(
        name="the connection is refused",
        phase="connect",
        setup=refused_port(),
        error=ConnectError,
        attempts=3,
        request_sent=False,
        bodies=0,
    ),
    Fault(
        name="the listen backlog is full",
        phase="connect",
        setup=full_port(),
        call=_SHORT_CONNECT_TIMEOUT,
        error=ConnectTimeoutError,
        attempts=3,
        request_sent=False,
        bodies=0,
    ),
    Fault(
        name="the host name does not exist",
        phase="connect",
        setup=unknown_host(),
        error=ConnectError,
        attempts=1,
        request_sent=False,
        bodies=0,
    ),
    Fault(
        name="the connection is closed after it is accepted",
        phase="connect",
        setup=on_connection(sends_and_closes_at_once()),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=0,
    ),
    Fault(
        name="the connection is reset after it is accepted",
        phase="connect",
        setup=on_connection(sends_and_resets()),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=0,
    ),
)


async def _ends_in_handshake(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.read(1)
    await peer.end()


async def _resets_in_handshake(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.read(1)
    await peer.reset()


async def _answers_half(peer: Peer, faulty: FaultyServer) -> None:
    """Send half a response, and end the connection without a TLS close_notify."""
    await _receive(peer, faulty)
    await peer.send(reply(b"x" * 100)[:-50])
    await peer.pause()
    peer.writer.transport.abort()


async def _receive(peer: Peer, faulty: FaultyServer) -> None:
    request = await peer.receive()
    if request is not None:
        faulty.requests.append(request)


TLS: Final = (
    *(
        Fault(
            name=f"the certificate is {kind}",
            phase="tls",
            setup=on_connection(sends(OK), certificate=kind, scheme="https"),
            error=CertificateError,
            request_sent=False,
            bodies=0,
        )
        for kind in ("for a wrong host", "untrusted", "expired", "self-signed")
    ),
    Fault(
        name="the TLS handshake stalls",
        phase="tls",
        setup=on_connection(sends_and_hangs(), scheme="https"),
        call=_SHORT_CONNECT_TIMEOUT,
        error=ConnectTimeoutError,
        attempts=3,
        request_sent=False,
        bodies=0,
    ),
    *(
        Fault(
            name=f"the TLS handshake is {how}",
            phase="tls",
            setup=on_connection(behaviour, scheme="https"),
            error=ConnectError,
            attempts=3,
            request_sent=False,
            bodies=0,
        )
        for how, behaviour in (
            ("closed", _ends_in_handshake),
            ("reset", _resets_in_handshake),
            ("answered with HTTP", sends(reply(status="400 Bad Request"))),
            (
                "answered with half a TLS record",
                sends_and_closes_at_once(b"\x16\x03\x03\x00"),
            ),
        )
    ),
    Fault(
        name="a plain request is sent to a TLS server",
        phase="tls",
        setup=on_connection(sends(), certificate="good"),
        error=ConnectionLostError,
        may_have_executed=True,
        bodies=0,
    ),
    Fault(
        name="the TLS connection is lost inside a body",
        phase="tls",
        setup=on_connection(_answers_half, certificate="good", scheme="https"),
        error=TruncatedBodyError,
        may_have_executed=True,
        is_incomplete=True,
    ),
)


async def _never_reads(peer: Peer, faulty: FaultyServer) -> None:
    await peer.writer.wait_closed()


async def _reads_half_and_ends(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.readexactly(_LARGE // 2)
    peer.writer.write_eof()
    await peer.hang()


async def _reads_half_and_resets(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.readexactly(_LARGE // 2)
    await peer.reset()


async def _reads_half_and_stops(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.readexactly(_LARGE // 2)
    await peer.writer.wait_closed()


async def _refuses_and_stops_reading(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.send(_TOO_LARGE)
    await peer.writer.wait_closed()


async def _refuses_and_ends(peer: Peer, faulty: FaultyServer) -> None:
    """Read on after the response, so that the client is not reset before it reads."""
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.send(_TOO_LARGE)
    await peer.pause()
    peer.writer.write_eof()
    await peer.hang()


async def _refuses_and_resets(peer: Peer, faulty: FaultyServer) -> None:
    await peer.reader.readuntil(b"\r\n\r\n")
    await peer.reset(_TOO_LARGE)


async def _refuses_with_unread_body(peer: Peer, faulty: FaultyServer) -> None:
    """Close the connection while a part of the body is not read: it is reset."""
    await peer.reader.readexactly(4096)
    peer.writer.write(_TOO_LARGE)
    peer.writer.close()


async def _reads_slowly(peer: Peer, faulty: FaultyServer) -> None:
    """Take longer than ``write_timeout`` in all, but make progress."""
    await peer.reader.readuntil(b"\r\n\r\n")
    for _ in range(_LARGE // _MEBIBYTE):
        await peer.reader.readexactly(_MEBIBYTE)
        await asyncio.sleep(0.015)
    faulty.requests.append(b"")
    await peer.send(OK)


WRITE: Final = (
    Fault(
        name="the interpreter shuts down",
        phase="write",
        setup=on_request(sends(OK)),
        call=Call(is_interpreter_ending=True),
        data=b"hello\nhello\nhello\n",
        bodies=3,
    ),
    *(
        Fault(
            name=f"no thread of the executor is free for a body of {size} bytes",
            phase="write",
            setup=on_request(sends(OK)),
            call=Call(body_bytes=size, is_executor_busy=True),
            data=b"hello",
            is_reused=True,
        )
        for size in (2, 400_000)
    ),
    *(
        Fault(
            name=f"the request body is {how}",
            phase="write",
            setup=on_connection(behaviour),
            call=_UPLOAD,
            error=RequestTimeoutError,
            may_have_executed=True,
            bodies=0,
        )
        for how, behaviour in (
            ("never read", _never_reads),
            ("read in half", _reads_half_and_stops),
        )
    ),
    *(
        Fault(
            name=f"half the request body is read, and the connection is {how}",
            phase="write",
            setup=on_connection(behaviour),
            call=_UPLOAD,
            error=ConnectionLostError,
            may_have_executed=True,
            bodies=0,
        )
        for how, behaviour in (
            ("closed", _reads_half_and_ends),
            ("reset", _reads_half_and_resets),
        )
    ),
    *(
        Fault(
            name=f"a response refuses the request body early, and {how}",
            phase="write",
            setup=on_connection(behaviour),
            call=_UPLOAD,
            error=UnknownServiceError,
            code="Unknown",
            bodies=0,
        )
        for how, behaviour in (
            ("the body is not read", _refuses_and_stops_reading),
            ("the connection is closed", _refuses_and_ends),
            ("the connection is reset", _refuses_and_resets),
            ("closes the connection with unread data", _refuses_with_unread_body),
        )
    ),
    Fault(
        name="the request body is read slowly but steadily",
        phase="write",
        setup=on_connection(_reads_slowly),
        call=_UPLOAD,
        data=b"hello",
        is_reused=True,
    ),
)
