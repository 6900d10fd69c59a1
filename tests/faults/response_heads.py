"""Faults in the status line and headers of responses."""

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
    FaultyServer,
    Peer,
    on_request,
    reply,
    sends,
    sends_and_closes,
    sends_and_hangs,
    sends_and_resets,
    sends_byte_by_byte,
)

__all__ = ["HEAD"]

_OK_LINE: Final = b"HTTP/1.1 200 OK\r\n"


def _head(*lines: bytes, status: bytes = _OK_LINE) -> bytes:
    """Return a response with these headers, and the body ``hello``."""
    return status + b"".join(line + b"\r\n" for line in lines) + b"\r\nhello"


def _with_length_5(*lines: bytes) -> bytes:
    return _head(b"Content-Length: 5", *lines)


_LOOKS_CHUNKED: Final[dict[str, tuple[bytes, ...]]] = {
    "ends in a tab": (b"Transfer-Encoding: chunked\t",),
    "ends in a comma": (b"Transfer-Encoding: chunked,",),
    "ends with the word chunked": (b"Transfer-Encoding: xchunked",),
    "is chunked before gzip": (
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip",
    ),
}


async def _hints_forever(peer: Peer, faulty: FaultyServer) -> None:
    while True:
        await peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")


_LOST: Final[dict[str, Behaviour]] = {
    "the connection is closed after the request": sends_and_closes(),
    "the connection is reset after the request": sends_and_resets(),
    "the connection is closed inside the response headers": sends_and_closes(
        _OK_LINE + b"Content-Le"
    ),
    "the connection is reset inside the response headers": sends_and_resets(
        _OK_LINE + b"Content-Le"
    ),
    "the connection is closed after a response header": sends_and_closes(
        _OK_LINE + b"Content-Length: 0\r\n"
    ),
    "the connection is closed after 103 Early Hints": sends_and_closes(
        b"HTTP/1.1 103 Early Hints\r\n\r\n"
    ),
}
_LATE: Final[dict[str, Behaviour]] = {
    "no response is sent": sends_and_hangs(),
    "one byte is sent, and nothing more": sends_and_hangs(b"H"),
    "response headers are sent byte by byte forever": sends_byte_by_byte(
        _OK_LINE + b"X-A: ", b"a", repeated=True
    ),
    "103 Early Hints is sent forever": _hints_forever,
    "100 Continue is sent, and nothing more": sends_and_hangs(
        b"HTTP/1.1 100 Continue\r\n\r\n"
    ),
}
_INVALID: Final[dict[str, bytes]] = {
    "the status line is garbage": b"garbage\r\n\r\n",
    "the response has no status line": b"<html>hello</html>",
    "the response is SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "the response is HTTP/2": b"\x00\x00\x06\x04\x00\x00\x00\x00\x00" + bytes(6),
    "the status is 99": _head(status=b"HTTP/1.1 99 Low\r\n"),
    "the status is 1000": _head(status=b"HTTP/1.1 1000 High\r\n"),
    "the status is a word": _head(status=b"HTTP/1.1 abc OK\r\n"),
    "a header contains NUL": _with_length_5(b"X-A: a\0b"),
    "a header contains a bare CR": _with_length_5(b"X-A: a\rb"),
    "a header has no colon": _with_length_5(b"X-A"),
    "a header has no name": _with_length_5(b": a"),
    "a header's name ends in a space": _with_length_5(b"X-A : a"),
    "a header has 100 kB": _with_length_5(b"X-A: " + b"a" * 100_000),
    "Content-Length is negative": _head(b"Content-Length: -5"),
    "Content-Length is a word": _head(b"Content-Length: abc"),
    "Content-Length has a sign": _head(b"Content-Length: +5"),
    "two Content-Length headers differ": _head(
        b"Content-Length: 5", b"Content-Length: 3"
    ),
    "both Content-Length and Transfer-Encoding are set": _with_length_5(
        b"Transfer-Encoding: chunked"
    ),
    "the transfer coding is unknown": _head(b"Transfer-Encoding: cipher"),
}

HEAD: Final = (
    *(
        Fault(
            name=name,
            phase="head",
            setup=on_request(behaviour),
            error=ConnectionLostError,
            may_have_executed=True,
            is_incomplete=True,
        )
        for name, behaviour in _LOST.items()
    ),
    *(
        Fault(
            name=name,
            phase="head",
            setup=on_request(behaviour),
            error=RequestTimeoutError,
            may_have_executed=True,
            is_incomplete=True,
        )
        for name, behaviour in _LATE.items()
    ),
    Fault(
        name="no response is sent within total_timeout",
        phase="head",
        setup=on_request(sends_and_hangs()),
        call=Call(options={"read_timeout": 1.0, "total_timeout": 0.2}),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_incomplete=True,
    ),
    *(
        Fault(
            name=name,
            phase="head",
            setup=on_request(sends_and_closes(data)),
            error=DeserializationError,
            may_have_executed=True,
        )
        for name, data in _INVALID.items()
    ),
    *(
        Fault(
            name=f"only the end of the connection ends a body with {version}",
            phase="head",
            setup=on_request(
                sends_and_closes(_head(status=f"{version} 200 OK\r\n".encode()))
            ),
            error=DeserializationError,
            may_have_executed=True,
            is_incomplete=True,
        )
        for version in ("HTTP/1.0", "HTTP/1.1")
    ),
    *(
        Fault(
            name=f"the transfer coding {problem}",
            phase="head",
            setup=on_request(sends_and_closes(_head(*lines))),
            error=DeserializationError,
            may_have_executed=True,
            is_incomplete=True,
        )
        for problem, lines in _LOOKS_CHUNKED.items()
    ),
    Fault(
        name="the transfer coding is gzip before chunked",
        phase="head",
        setup=on_request(
            sends(_head(b"Transfer-Encoding: gzip, chunked")[:-5], b"0\r\n\r\n")
        ),
        error=DeserializationError,
        may_have_executed=True,
    ),
    Fault(
        name="the response is HTTP/1.0",
        phase="head",
        setup=on_request(
            sends_and_closes(_head(b"Content-Length: 5", status=b"HTTP/1.0 200 OK\r\n"))
        ),
        data=b"hello",
    ),
    Fault(
        name="the status line has no reason",
        phase="head",
        setup=on_request(
            sends(_head(b"Content-Length: 5", status=b"HTTP/1.1 200\r\n"))
        ),
        data=b"hello",
        is_reused=True,
    ),
    *(
        Fault(
            name=f"{interim} is sent before the response",
            phase="head",
            setup=on_request(sends(f"HTTP/1.1 {interim}\r\n\r\n".encode(), OK)),
            data=b"hello",
            is_reused=True,
        )
        for interim in ("100 Continue", "103 Early Hints")
    ),
    *(
        Fault(
            name=f"a header is encoded in {encoding}",
            phase="head",
            setup=on_request(
                sends(
                    _with_length_5(
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
        name="two Content-Length headers are equal",
        phase="head",
        setup=on_request(sends(_with_length_5(b"Content-Length: 5"))),
        error=DeserializationError,
        may_have_executed=True,
    ),
    Fault(
        name="a header is folded over two lines",
        phase="head",
        setup=on_request(sends(_with_length_5(b"X-A: a", b" b"))),
        data=b"hello",
        is_reused=True,
    ),
    Fault(
        name="there are 200 headers",
        phase="head",
        setup=on_request(sends(_with_length_5(*(b"X-%d: a" % n for n in range(200))))),
        error=DeserializationError,
        may_have_executed=True,
    ),
    Fault(
        name="101 Switching Protocols is sent unrequested",
        phase="head",
        setup=on_request(
            sends(
                b"HTTP/1.1 101 Switching Protocols\r\n"
                b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
            )
        ),
        error=UnknownServiceError,
        code="Unknown",
        is_incomplete=True,
    ),
    *(
        Fault(
            name=f"a body follows {status}",
            phase="head",
            setup=on_request(sends(reply(status=status))),
            error=DeserializationError,
            may_have_executed=True,
        )
        for status in ("204 No Content", "304 Not Modified")
    ),
)
