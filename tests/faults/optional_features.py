"""Faults that are met by options: leave for a body, its compression, a file to fill."""

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
    Peer,
    Place,
    accepts,
    answers,
    ends,
    in_turn,
    is_silent,
    reply,
    says,
)

__all__ = ["ASKING", "COMPRESSED", "INTO_A_FILE"]

_BYTES: Final = 3 << 20
_ASKING: Final = Call(
    body_bytes=_BYTES, options={"expect_continue": True, "continue_timeout": 0.1}
)
_LEAVE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSAL: Final = reply(b"no", status="417 Expectation Failed")


async def _is_asked(peer: Peer) -> bytes:
    return await peer.reader.readuntil(b"\r\n\r\n")


async def _takes(peer: Peer, place: Place) -> None:
    place.requests.append(await peer.reader.readexactly(_BYTES))


def _then(*does: Behaviour) -> Behaviour:
    """Read the head of a request, and do one after the other."""

    async def act(peer: Peer, place: Place) -> None:
        await _is_asked(peer)
        for do in does:
            await do(peer, place)

    return act


async def _gives_leave_for_ever(peer: Peer, place: Place) -> None:
    while True:
        await peer.send(_LEAVE)


_GIVEN: Final[dict[str, Behaviour]] = {
    "given": _then(says(_LEAVE), _takes, says(OK)),
    "given after other words": _then(
        says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", _LEAVE),
        _takes,
        says(OK),
    ),
    "not given": _then(_takes, says(OK)),
}
_ENDED: Final[dict[str, Behaviour]] = {
    "asked for, and the connection is ended": _then(ends()),
    "given, and the connection is ended": _then(ends(_LEAVE)),
}
_STALLED: Final[dict[str, Behaviour]] = {
    "given to its half": _then(is_silent(_LEAVE[:15])),
    "given for ever": _then(_gives_leave_for_ever),
}

ASKING: Final = (
    *(
        Fault(
            name=f"leave to send a body is {how}",
            phase="write",
            scene=accepts(does),
            call=_ASKING,
            data=b"hello",
            is_reused=True,
        )
        for how, does in _GIVEN.items()
    ),
    Fault(
        name="leave to send a body is refused",
        phase="write",
        scene=accepts(_then(is_silent(_REFUSAL))),
        call=_ASKING,
        error=UnknownServiceError,
        code="Unknown",
        bodies=0,
    ),
    *(
        Fault(
            name=f"leave to send a body is {how}",
            phase="write",
            scene=accepts(does),
            call=_ASKING,
            error=error,
            may_have_executed=True,
            bodies=0,
        )
        for error, cases in (
            (ConnectionLostError, _ENDED),
            (RequestTimeoutError, _STALLED),
        )
        for how, does in cases.items()
    ),
)

_COMPRESSED: Final = Call(
    body_bytes=20_000, options={"request_compression": "gzip", "max_redirects": 1}
)

COMPRESSED: Final = (
    Fault(
        name="a compressed body is not understood",
        phase="write",
        scene=answers(says(reply(b"what?", status="415 Unsupported Media Type"))),
        call=_COMPRESSED,
        error=UnknownServiceError,
        code="Unknown",
        is_reused=True,
    ),
    Fault(
        name="a compressed body has no answer",
        phase="write",
        scene=answers(ends()),
        call=_COMPRESSED,
        error=ConnectionLostError,
        may_have_executed=True,
    ),
    Fault(
        name="a compressed body is not taken at first",
        phase="write",
        scene=answers(
            in_turn(says(reply(b"", status="503 Service Unavailable")), says(GOOD))
        ),
        call=_COMPRESSED,
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
)

_TO_FILE: Final = Call(into="a file")
_LONG: Final = reply(b"x" * 1_000_000)
_CHUNKS: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
_CUT: Final[dict[str, Behaviour]] = {
    "half a body": ends(_LONG[:500_000]),
    "no byte of a body": ends(_LONG[:-1_000_000]),
    "all but the last byte of a body": ends(_LONG[:-1]),
    "all chunks but the last": ends(_CHUNKS),
}

INTO_A_FILE: Final = (
    *(
        Fault(
            name=f"{what} comes for a file",
            phase="body",
            scene=answers(does),
            call=_TO_FILE,
            error=TruncatedBodyError,
            data=b"",
            may_have_executed=True,
            is_cut=True,
        )
        for what, does in _CUT.items()
    ),
    Fault(
        name="half a body comes for a file, and then nothing",
        phase="body",
        scene=answers(is_silent(_LONG[:500_000])),
        call=_TO_FILE,
        error=RequestTimeoutError,
        data=b"",
        may_have_executed=True,
        is_cut=True,
    ),
    Fault(
        name="an error comes for a file",
        phase="body",
        scene=answers(says(reply(b"no", status="400 Bad Request"))),
        call=_TO_FILE,
        error=UnknownServiceError,
        data=b"",
        is_reused=True,
        is_cut=True,
    ),
    Fault(
        name="an error comes for a file, and then the answer",
        phase="body",
        scene=answers(
            in_turn(says(reply(b"", status="503 Service Unavailable")), says(GOOD))
        ),
        call=_TO_FILE,
        data=b"good",
        attempts=2,
        bodies=2,
        is_reused=True,
    ),
)
