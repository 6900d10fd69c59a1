"""Faults in the bodies of good responses, and in the chunks that they come in."""

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
    answers,
    drips,
    ends,
    is_silent,
    reply,
    resets,
    says,
)

__all__ = ["BODY", "CHUNKED", "CHUNKING", "chunk"]

_LONG: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
_HALF: Final = reply(b"x" * 100)[:-50]
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_ZIPPED: Final = gzip.compress(b"hello", mtime=0)
_ASYNC: Final = Call(operation="async")


def chunk(data: bytes) -> bytes:
    """Return *data* as a chunk; an empty one is the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


_CUT: Final[dict[str, Behaviour]] = {
    "half a body comes, and the end": ends(_HALF),
    "half a body comes, and a reset": resets(_HALF),
    "a head comes, and the end": ends(_HALF[:-50]),
}


def _drips_for_ever(options: dict[str, float], name: str) -> Fault:
    return Fault(
        name=name,
        phase="body",
        scene=answers(drips(_LONG, b"x", repeated=True)),
        call=Call(options=options),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_cut=True,
    )


BODY: Final = (
    *(
        Fault(
            name=name,
            phase="body",
            scene=answers(does),
            error=TruncatedBodyError,
            may_have_executed=True,
            is_cut=True,
        )
        for name, does in _CUT.items()
    ),
    Fault(
        name="half a body comes, and nothing more",
        phase="body",
        scene=answers(is_silent(_HALF)),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_cut=True,
    ),
    _drips_for_ever(
        {"stream_timeout": 0.3}, "a body comes byte by byte beyond its time"
    ),
    _drips_for_ever(
        {"total_timeout": 0.3}, "a body comes byte by byte beyond the call's time"
    ),
    Fault(
        name="a body comes slowly but steadily",
        phase="body",
        scene=answers(drips(reply(b"x" * 30)[:-30], b"x" * 30)),
        data=b"x" * 30,
        is_reused=True,
    ),
    Fault(
        name="a body is announced to be too large",
        phase="body",
        scene=answers(is_silent(reply(b"x" * 2000)[:-1000])),
        call=Call(options={"max_response_bytes": 1000}),
        error=ResponseTooLargeError,
        may_have_executed=True,
        is_cut=True,
    ),
    Fault(
        name="a body is announced to be larger than any",
        phase="body",
        scene=answers(
            is_silent(b"HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\nx")
        ),
        error=ResponseTooLargeError,
        may_have_executed=True,
        is_cut=True,
    ),
    Fault(
        name="a body of chunks becomes too large",
        phase="body",
        scene=answers(is_silent(CHUNKED, *[chunk(b"x" * 400)] * 5)),
        call=Call(options={"max_response_bytes": 1000}),
        error=ResponseTooLargeError,
        may_have_executed=True,
        is_cut=True,
    ),
    Fault(
        name="a part of a body comes, unasked",
        phase="body",
        scene=answers(
            says(
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
        is_cut=True,
    ),
    Fault(
        name="a body comes zipped, unasked",
        phase="body",
        scene=answers(says(reply(_ZIPPED, "Content-Encoding: gzip"))),
        data=_ZIPPED,
        is_reused=True,
    ),
    Fault(
        name="a body is said to be zipped, and is not",
        phase="body",
        scene=answers(says(reply(b"hello", "Content-Encoding: gzip"))),
        data=b"hello",
        is_reused=True,
    ),
    *(
        Fault(
            name=f"the answer to an asynchronous call is {what}",
            phase="body",
            scene=answers(says(reply(body, status="202 Accepted"))),
            call=_ASYNC,
            error=DeserializationError,
            may_have_executed=True,
            is_reused=True,
        )
        for what, body in (
            ("no JSON", b"<html>"),
            ("a JSON array", b"[]"),
            ("nested without end", b"[" * 100_000),
            ("no text", b'{"InferenceId": "\xff"}'),
            ("of a wrong type", b'{"InferenceId": 7}'),
        )
    ),
)

_MALFORMED: Final[dict[str, bytes]] = {
    "the size of a chunk is a word": b"xyz\r\nhello\r\n0\r\n\r\n",
    "the size of a chunk is negative": b"-5\r\nhello\r\n0\r\n\r\n",
    "the size of a chunk has a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "the size of a chunk is missing": b"\r\nhello\r\n0\r\n\r\n",
    "the size of a chunk is larger than any": b"F" * 20 + b"\r\nhello\r\n0\r\n\r\n",
    "garbage comes after a chunk": b"5\r\nhellogarbage\r\n0\r\n\r\n",
}
_UNFINISHED: Final[dict[str, Behaviour]] = {
    "the last chunk does not come": ends(CHUNKED, chunk(b"hello")),
    "the size of a chunk is cut": ends(CHUNKED, chunk(b"hello") + b"1"),
    "a chunk is cut": ends(CHUNKED, b"a\r\nhello"),
    "the connection is reset within a chunk": resets(CHUNKED, b"a\r\nhello"),
}


CHUNKING: Final = (
    *(
        Fault(
            name=name,
            phase="chunking",
            scene=answers(says(CHUNKED, body)),
            error=TruncatedBodyError,
            may_have_executed=True,
        )
        for name, body in _MALFORMED.items()
    ),
    *(
        Fault(
            name=name,
            phase="chunking",
            scene=answers(does),
            error=TruncatedBodyError,
            may_have_executed=True,
            is_cut=True,
        )
        for name, does in _UNFINISHED.items()
    ),
    Fault(
        name="the last chunk is cut",
        phase="chunking",
        scene=answers(ends(CHUNKED, chunk(b"hello") + b"0\r\n")),
        error=TruncatedBodyError,
        may_have_executed=True,
    ),
    Fault(
        name="nothing more comes within a chunk",
        phase="chunking",
        scene=answers(is_silent(CHUNKED, b"a\r\nhello")),
        error=RequestTimeoutError,
        may_have_executed=True,
        is_cut=True,
    ),
    *(
        Fault(
            name=name,
            phase="chunking",
            scene=answers(says(CHUNKED, body)),
            data=b"hello",
            is_reused=True,
        )
        for name, body in (
            ("a chunk has an extension", b"5;a=b\r\nhello\r\n0\r\n\r\n"),
            (
                "trailers come after the last chunk",
                b"5\r\nhello\r\n0\r\nX-A: b\r\n\r\n",
            ),
        )
    ),
)
