"""Faults in the bodies of successful responses, and in chunked framing."""

from __future__ import annotations

import gzip
from typing import Final

from sagemaker_rt import (
    DeserializationError,
    RequestTimeoutError,
    ResponseTooLargeError,
    TruncatedBodyError,
)
from tests.faults.fault import Call, Fault
from tests.faults.server import (
    Behaviour,
    on_request,
    reply,
    sends,
    sends_and_closes,
    sends_and_hangs,
    sends_and_resets,
    sends_byte_by_byte,
)

__all__ = ["BODY", "CHUNKED", "CHUNKING", "chunk"]

_LONG: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
_HALF: Final = reply(b"x" * 100)[:-50]
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_ZIPPED: Final = gzip.compress(b"hello", mtime=0)
_ASYNC: Final = Call(operation="async")


def chunk(data: bytes) -> bytes:
    """Return *data* as a chunk; an empty chunk is the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


_TRUNCATED: Final[dict[str, Behaviour]] = {
    "the connection is closed inside a body": sends_and_closes(_HALF),
    "the connection is reset inside a body": sends_and_resets(_HALF),
    "the connection is closed before a body": sends_and_closes(_HALF[:-50]),
}


def _drips_forever(options: dict[str, float], name: str) -> Fault:
    return Fault(
        name=name,
        phase="body",
        setup=on_request(sends_byte_by_byte(_LONG, b"x", repeated=True)),
        call=Call(options=options),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_incomplete=True,
    )


BODY: Final = (
    *(
        Fault(
            name=name,
            phase="body",
            setup=on_request(behaviour),
            error=TruncatedBodyError,
            may_have_executed=True,
            is_incomplete=True,
        )
        for name, behaviour in _TRUNCATED.items()
    ),
    Fault(
        name="a body stalls",
        phase="body",
        setup=on_request(sends_and_hangs(_HALF)),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_incomplete=True,
    ),
    _drips_forever(
        {"stream_timeout": 0.3}, "a body is sent byte by byte beyond stream_timeout"
    ),
    _drips_forever(
        {"total_timeout": 0.3}, "a body is sent byte by byte beyond total_timeout"
    ),
    Fault(
        name="a body is sent slowly but steadily",
        phase="body",
        setup=on_request(sends_byte_by_byte(reply(b"x" * 30)[:-30], b"x" * 30)),
        data=b"x" * 30,
        is_reused=True,
    ),
    Fault(
        name="Content-Length exceeds max_response_bytes",
        phase="body",
        setup=on_request(sends_and_hangs(reply(b"x" * 2000)[:-1000])),
        call=Call(options={"max_response_bytes": 1000}),
        error=ResponseTooLargeError,
        may_have_executed=True,
        is_incomplete=True,
    ),
    Fault(
        name="Content-Length exceeds 2**53",
        phase="body",
        setup=on_request(
            sends_and_hangs(
                b"HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\nx"
            )
        ),
        error=ResponseTooLargeError,
        may_have_executed=True,
        is_incomplete=True,
    ),
    Fault(
        name="a chunked body exceeds max_response_bytes",
        phase="body",
        setup=on_request(sends_and_hangs(CHUNKED, *[chunk(b"x" * 400)] * 5)),
        call=Call(options={"max_response_bytes": 1000}),
        error=ResponseTooLargeError,
        may_have_executed=True,
        is_incomplete=True,
    ),
    Fault(
        name="an unrequested 206 Partial Content is sent",
        phase="body",
        setup=on_request(
            sends(
                reply(
                    b"x" * 50,
                    "Content-Range: bytes 0-49/100",
                    status="206 Partial Content",
                )
            )
        ),
        error=DeserializationError,
        may_have_executed=True,
        is_reused=True,
        is_incomplete=True,
    ),
    Fault(
        name="an unrequested gzip body is sent",
        phase="body",
        setup=on_request(sends(reply(_ZIPPED, "Content-Encoding: gzip"))),
        data=_ZIPPED,
        is_reused=True,
    ),
    Fault(
        name="a body is declared as gzip, but is not",
        phase="body",
        setup=on_request(sends(reply(b"hello", "Content-Encoding: gzip"))),
        data=b"hello",
        is_reused=True,
    ),
    *(
        Fault(
            name=f"the response of InvokeEndpointAsync is {what}",
            phase="body",
            setup=on_request(sends(reply(body, status="202 Accepted"))),
            call=_ASYNC,
            error=DeserializationError,
            may_have_executed=True,
            is_reused=True,
        )
        for what, body in (
            ("not JSON", b"<html>"),
            ("a JSON array", b"[]"),
            ("deeply nested", b"[" * 100_000),
            ("not UTF-8", b'{"InferenceId": "\xff"}'),
            ("a member of a wrong type", b'{"InferenceId": 7}'),
        )
    ),
)

_MALFORMED: Final[dict[str, bytes]] = {
    "a chunk size is a word": b"xyz\r\nhello\r\n0\r\n\r\n",
    "a chunk size is negative": b"-5\r\nhello\r\n0\r\n\r\n",
    "a chunk size has a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk size is missing": b"\r\nhello\r\n0\r\n\r\n",
    "a chunk size has 20 digits": b"F" * 20 + b"\r\nhello\r\n0\r\n\r\n",
    "garbage follows a chunk": b"5\r\nhellogarbage\r\n0\r\n\r\n",
}
_UNFINISHED: Final[dict[str, Behaviour]] = {
    "the last chunk is missing": sends_and_closes(CHUNKED, chunk(b"hello")),
    "the connection is closed inside a chunk size": sends_and_closes(
        CHUNKED, chunk(b"hello") + b"1"
    ),
    "the connection is closed inside a chunk": sends_and_closes(CHUNKED, b"a\r\nhello"),
    "the connection is reset inside a chunk": sends_and_resets(CHUNKED, b"a\r\nhello"),
}


CHUNKING: Final = (
    *(
        Fault(
            name=name,
            phase="chunking",
            setup=on_request(sends(CHUNKED, body)),
            error=TruncatedBodyError,
            may_have_executed=True,
        )
        for name, body in _MALFORMED.items()
    ),
    *(
        Fault(
            name=name,
            phase="chunking",
            setup=on_request(behaviour),
            error=TruncatedBodyError,
            may_have_executed=True,
            is_incomplete=True,
        )
        for name, behaviour in _UNFINISHED.items()
    ),
    Fault(
        name="the connection is closed inside the last chunk",
        phase="chunking",
        setup=on_request(sends_and_closes(CHUNKED, chunk(b"hello") + b"0\r\n")),
        error=TruncatedBodyError,
        may_have_executed=True,
    ),
    Fault(
        name="a chunk stalls",
        phase="chunking",
        setup=on_request(sends_and_hangs(CHUNKED, b"a\r\nhello")),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_incomplete=True,
    ),
    *(
        Fault(
            name=name,
            phase="chunking",
            setup=on_request(sends(CHUNKED, body)),
            data=b"hello",
            is_reused=True,
        )
        for name, body in (
            ("a chunk has an extension", b"5;a=b\r\nhello\r\n0\r\n\r\n"),
            (
                "trailers follow the last chunk",
                b"5\r\nhello\r\n0\r\nX-A: b\r\n\r\n",
            ),
        )
    ),
)
