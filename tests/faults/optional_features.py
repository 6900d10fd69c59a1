"""Faults with `expect_continue`, `request_compression` and `response_target`."""

from __future__ import annotations

from typing import Final

from sagemaker_rt import (
    ConnectionLostError,
    RequestTimeoutError,
    TruncatedBodyError,
    UnknownServiceError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    GOOD,
    OK,
    Behaviour,
    FaultyServer,
    Peer,
    in_turn,
    on_connection,
    on_request,
    reply,
    sends,
    sends_and_closes,
    sends_and_hangs,
)

__all__ = ["COMPRESSED", "EXPECT_CONTINUE", "RESPONSE_TARGET"]

_BYTES: Final = 3 << 20
_WITH_EXPECT: Final = Call(
    body_bytes=_BYTES, options={"expect_continue": True, "continue_timeout": 0.1}
)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSAL: Final = reply(b"no", status="417 Expectation Failed")


async def _read_headers(peer: Peer) -> bytes:
    return await peer.reader.readuntil(b"\r\n\r\n")


async def _reads_body(peer: Peer, faulty: FaultyServer) -> None:
    faulty.requests.append(await peer.reader.readexactly(_BYTES))


def _after_headers(*behaviour: Behaviour) -> Behaviour:
    """Read start line and headers of a request, then run the behaviours in order."""

    async def act(peer: Peer, faulty: FaultyServer) -> None:
        await _read_headers(peer)
        for do in behaviour:
            await do(peer, faulty)

    return act


async def _sends_continue_forever(peer: Peer, faulty: FaultyServer) -> None:
    while True:
        await peer.send(_CONTINUE)


_ACCEPTED: Final[dict[str, Behaviour]] = {
    "sent": _after_headers(sends(_CONTINUE), _reads_body, sends(OK)),
    "sent after 103 Early Hints": _after_headers(
        sends(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", _CONTINUE),
        _reads_body,
        sends(OK),
    ),
    "not sent": _after_headers(_reads_body, sends(OK)),
}
_LOST: Final[dict[str, Behaviour]] = {
    "not sent, and the connection is closed": _after_headers(sends_and_closes()),
    "sent, and the connection is closed": _after_headers(sends_and_closes(_CONTINUE)),
}
_STALLED: Final[dict[str, Behaviour]] = {
    "sent in half": _after_headers(sends_and_hangs(_CONTINUE[:15])),
    "sent forever": _after_headers(_sends_continue_forever),
}

EXPECT_CONTINUE: Final = (
    *(
        Fault(
            name=f"100 Continue is {how}",
            phase="write",
            setup=on_connection(behaviour),
            call=_WITH_EXPECT,
            data=b"hello",
            is_reused=True,
        )
        for how, behaviour in _ACCEPTED.items()
    ),
    Fault(
        name="Expect: 100-continue is refused with 417",
        phase="write",
        setup=on_connection(_after_headers(sends_and_hangs(_REFUSAL))),
        call=_WITH_EXPECT,
        error=UnknownServiceError,
        code="Unknown",
        bodies=0,
    ),
    *(
        Fault(
            name=f"100 Continue is {how}",
            phase="write",
            setup=on_connection(behaviour),
            call=_WITH_EXPECT,
            error=error,
            may_have_executed=True,
            bodies=0,
        )
        for error, cases in (
            (ConnectionLostError, _LOST),
            (RequestTimeoutError, _STALLED),
        )
        for how, behaviour in cases.items()
    ),
)

_COMPRESSED: Final = Call(
    body_bytes=20_000, options={"request_compression": "gzip", "max_redirects": 1}
)

COMPRESSED: Final = (
    Fault(
        name="a compressed body is refused with 415",
        phase="write",
        setup=on_request(sends(reply(b"what?", status="415 Unsupported Media Type"))),
        call=_COMPRESSED,
        error=UnknownServiceError,
        code="Unknown",
        is_reused=True,
    ),
    Fault(
        name="a compressed body gets no response",
        phase="write",
        setup=on_request(sends_and_closes()),
        call=_COMPRESSED,
        error=ConnectionLostError,
        may_have_executed=True,
    ),
    Fault(
        name="a compressed body gets 503 once",
        phase="write",
        setup=on_request(
            in_turn(sends(reply(b"", status="503 Service Unavailable")), sends(GOOD))
        ),
        call=_COMPRESSED,
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
)

_TO_FILE: Final = Call(target="file")
_LONG: Final = reply(b"x" * 1_000_000)
_CHUNKS: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
_TRUNCATED: Final[dict[str, Behaviour]] = {
    "half a body is received": sends_and_closes(_LONG[:500_000]),
    "headers without body are received": sends_and_closes(_LONG[:-1_000_000]),
    "all but the last byte is received": sends_and_closes(_LONG[:-1]),
    "all but the last chunk is received": sends_and_closes(_CHUNKS),
}

RESPONSE_TARGET: Final = (
    *(
        Fault(
            name=f"{what} with a response target",
            phase="body",
            setup=on_request(behaviour),
            call=_TO_FILE,
            error=TruncatedBodyError,
            data=b"",
            may_have_executed=True,
            is_incomplete=True,
        )
        for what, behaviour in _TRUNCATED.items()
    ),
    Fault(
        name="a body stalls with a response target",
        phase="body",
        setup=on_request(sends_and_hangs(_LONG[:500_000])),
        call=_TO_FILE,
        error=RequestTimeoutError,
        data=b"",
        may_have_executed=True,
        is_incomplete=True,
    ),
    Fault(
        name="an error is received with a response target",
        phase="body",
        setup=on_request(sends(reply(b"no", status="400 Bad Request"))),
        call=_TO_FILE,
        error=UnknownServiceError,
        data=b"",
        is_reused=True,
        is_incomplete=True,
    ),
    Fault(
        name="503 is received once with a response target",
        phase="body",
        setup=on_request(
            in_turn(sends(reply(b"", status="503 Service Unavailable")), sends(GOOD))
        ),
        call=_TO_FILE,
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
)
