"""Faults in the heads of responses."""

from __future__ import annotations

from typing import Final

from sagemaker_rt import (
    ConnectionLostError,
    DeserializationError,
    RequestTimeoutError,
    UnknownServiceError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    OK,
    Behaviour,
    Peer,
    Place,
    answers,
    drips,
    ends,
    is_silent,
    reply,
    resets,
    says,
)

__all__ = ["HEAD"]

_OK_LINE: Final = b"HTTP/1.1 200 OK\r\n"


def _head(*lines: bytes, status: bytes = _OK_LINE) -> bytes:
    """Return a response whose head has these lines, and *hello* as its body."""
    return status + b"".join(line + b"\r\n" for line in lines) + b"\r\nhello"


def _of_five(*lines: bytes) -> bytes:
    return _head(b"Content-Length: 5", *lines)


_LOOKS_CHUNKED: Final[dict[str, tuple[bytes, ...]]] = {
    "ends in a tab": (b"Transfer-Encoding: chunked\t",),
    "ends in a comma": (b"Transfer-Encoding: chunked,",),
    "ends like chunked": (b"Transfer-Encoding: xchunked",),
    "is chunked, and then another": (
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip",
    ),
}


async def _hints_for_ever(peer: Peer, place: Place) -> None:
    while True:
        await peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")


_LOST: Final[dict[str, Behaviour]] = {
    "the connection is ended after the request": ends(),
    "the connection is reset after the request": resets(),
    "half a head comes, and the end": ends(_OK_LINE + b"Content-Le"),
    "half a head comes, and a reset": resets(_OK_LINE + b"Content-Le"),
    "a head comes without its empty line, and the end": ends(
        _OK_LINE + b"Content-Length: 0\r\n"
    ),
    "an early hint comes, and the end": ends(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}
_LATE: Final[dict[str, Behaviour]] = {
    "no answer comes": is_silent(),
    "one byte comes, and nothing more": is_silent(b"H"),
    "a head comes byte by byte for ever": drips(
        _OK_LINE + b"X-A: ", b"a", repeated=True
    ),
    "early hints come for ever": _hints_for_ever,
    "an interim answer comes, and nothing more": is_silent(
        b"HTTP/1.1 100 Continue\r\n\r\n"
    ),
}
_UNREADABLE: Final[dict[str, bytes]] = {
    "the status line is garbage": b"garbage\r\n\r\n",
    "the answer has no head": b"<html>hello</html>",
    "the answer is of another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "the answer is of HTTP/2": b"\x00\x00\x06\x04\x00\x00\x00\x00\x00" + bytes(6),
    "the status is 99": _head(status=b"HTTP/1.1 99 Low\r\n"),
    "the status is 1000": _head(status=b"HTTP/1.1 1000 High\r\n"),
    "the status is a word": _head(status=b"HTTP/1.1 abc OK\r\n"),
    "a header has a NUL": _of_five(b"X-A: a\0b"),
    "a header has a bare CR": _of_five(b"X-A: a\rb"),
    "a header has no colon": _of_five(b"X-A"),
    "a header has no name": _of_five(b": a"),
    "a header's name ends in a space": _of_five(b"X-A : a"),
    "a header has 100 KB": _of_five(b"X-A: " + b"a" * 100_000),
    "the length is negative": _head(b"Content-Length: -5"),
    "the length is a word": _head(b"Content-Length: abc"),
    "the length has a sign": _head(b"Content-Length: +5"),
    "two lengths differ": _head(b"Content-Length: 5", b"Content-Length: 3"),
    "a length stands beside chunks": _of_five(b"Transfer-Encoding: chunked"),
    "the coding of the transfer is unknown": _head(b"Transfer-Encoding: cipher"),
}

HEAD: Final = (
    *(
        Fault(
            name=name,
            phase="head",
            scene=answers(does),
            error=ConnectionLostError,
            may_have_executed=True,
            is_cut=True,
        )
        for name, does in _LOST.items()
    ),
    *(
        Fault(
            name=name,
            phase="head",
            scene=answers(does),
            error=RequestTimeoutError,
            may_have_executed=True,
            is_cut=True,
        )
        for name, does in _LATE.items()
    ),
    Fault(
        name="no answer comes within the call's total time",
        phase="head",
        scene=answers(is_silent()),
        call=Call(options={"read_timeout": 1.0, "total_timeout": 0.2}),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_cut=True,
    ),
    *(
        Fault(
            name=name,
            phase="head",
            scene=answers(ends(data)),
            error=DeserializationError,
            may_have_executed=True,
        )
        for name, data in _UNREADABLE.items()
    ),
    *(
        Fault(
            name=f"only the end of the connection ends a body of {version}",
            phase="head",
            scene=answers(ends(_head(status=f"{version} 200 OK\r\n".encode()))),
            error=DeserializationError,
            may_have_executed=True,
            is_cut=True,
        )
        for version in ("HTTP/1.0", "HTTP/1.1")
    ),
    *(
        Fault(
            name=f"the coding of the transfer {ends_how}",
            phase="head",
            scene=answers(ends(_head(*lines))),
            error=DeserializationError,
            may_have_executed=True,
            is_cut=True,
        )
        for ends_how, lines in _LOOKS_CHUNKED.items()
    ),
    Fault(
        name="there is a coding of the transfer before the chunks",
        phase="head",
        scene=answers(
            says(_head(b"Transfer-Encoding: gzip, chunked")[:-5], b"0\r\n\r\n")
        ),
        error=DeserializationError,
        may_have_executed=True,
    ),
    Fault(
        name="the answer is of HTTP/1.0",
        phase="head",
        scene=answers(ends(_head(b"Content-Length: 5", status=b"HTTP/1.0 200 OK\r\n"))),
        data=b"hello",
    ),
    Fault(
        name="the status has no words",
        phase="head",
        scene=answers(says(_head(b"Content-Length: 5", status=b"HTTP/1.1 200\r\n"))),
        data=b"hello",
        is_reused=True,
    ),
    *(
        Fault(
            name=f"{interim} comes before the answer",
            phase="head",
            scene=answers(says(f"HTTP/1.1 {interim}\r\n\r\n".encode(), OK)),
            data=b"hello",
            is_reused=True,
        )
        for interim in ("100 Continue", "103 Early Hints")
    ),
    *(
        Fault(
            name=f"a header is written in {encoding}",
            phase="head",
            scene=answers(
                says(
                    _of_five(
                        "X-Amzn-SageMaker-Custom-Attributes: Grüße".encode(encoding)
                    )
                )
            ),
            data=b"hello",
            custom_attributes="Grüße",
            is_reused=True,
        )
        for encoding in ("UTF-8", "Latin-1")
    ),
    Fault(
        name="a length comes twice, and is the same",
        phase="head",
        scene=answers(says(_of_five(b"Content-Length: 5"))),
        error=DeserializationError,
        may_have_executed=True,
    ),
    Fault(
        name="a header goes on in the next line",
        phase="head",
        scene=answers(says(_of_five(b"X-A: a", b" b"))),
        data=b"hello",
        is_reused=True,
    ),
    Fault(
        name="there are 200 headers",
        phase="head",
        scene=answers(says(_of_five(*(b"X-%d: a" % n for n in range(200))))),
        error=DeserializationError,
        may_have_executed=True,
    ),
    Fault(
        name="the protocol is changed unasked",
        phase="head",
        scene=answers(
            says(
                b"HTTP/1.1 101 Switching Protocols\r\n"
                b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
            )
        ),
        error=UnknownServiceError,
        code="Unknown",
        is_cut=True,
    ),
    *(
        Fault(
            name=f"a body comes after {status}",
            phase="head",
            scene=answers(says(reply(status=status))),
            error=DeserializationError,
            may_have_executed=True,
        )
        for status in ("204 No Content", "304 Not Modified")
    ),
)
