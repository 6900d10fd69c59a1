"""Faults in the frames of event streams."""

from __future__ import annotations

import struct
from typing import Final
from zlib import crc32

from sagemaker_rt import (
    ClientStateError,
    CorruptMessageError,
    InternalStreamFailure,
    ModelStreamError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    TruncatedBodyError,
    TruncatedStreamError,
    UnmodeledEventError,
)
from sagemaker_rt.emulator.event_stream import exception_frame, payload_part
from sagemaker_rt.sansio.eventstream import encode_message
from tests.faults.fault import Call, Fault
from tests.faults.response_bodies import CHUNKED, chunk
from tests.faults.server import (
    Behaviour,
    on_request,
    reply,
    sends,
    sends_and_closes,
    sends_and_hangs,
    sends_and_resets,
    sends_byte_by_byte,
    sends_slowly,
)

__all__ = ["EVENT_STREAM"]

_STREAM: Final = Call(operation="stream")
_ONE: Final = payload_part(b"one")
_TWO: Final = payload_part(b"two")
_LAST: Final = chunk(b"")
_MEBIBYTE: Final = 1 << 20


def _framed(block: bytes, payload: bytes = b"") -> bytes:
    """Return a frame with this block of headers, and valid checksums."""
    lengths = struct.pack("!II", len(block) + len(payload) + 16, len(block))
    start = lengths + crc32(lengths).to_bytes(4) + block + payload
    return start + crc32(start).to_bytes(4)


def _prelude(total: int, headers: int) -> bytes:
    """Return a prelude with these lengths, and the beginning of a frame."""
    lengths = struct.pack("!II", total, headers)
    return lengths + crc32(lengths).to_bytes(4) + bytes(100)


def _flipped(frame: bytes, index: int) -> bytes:
    return frame[:index] + bytes([frame[index] ^ 1]) + frame[index + 1 :]


def _error_frame() -> bytes:
    return encode_message(
        {
            ":message-type": "error",
            ":error-code": "InternalError",
            ":error-message": "no words",
        }
    )


_EVENT: Final = b"\x0d:message-type\x07\x00\x05event"

_CORRUPT: Final[dict[str, bytes]] = {
    "the checksum of a prelude is wrong": _flipped(_TWO, 8),
    "the checksum of a message is wrong": _flipped(_TWO, -1 % len(_TWO)),
    "a payload is corrupt": _flipped(_TWO, len(_TWO) - 5),
    "a header is corrupt": _flipped(_TWO, 20),
    "a frame declares more than 24 MiB": _prelude(25 * _MEBIBYTE, 0),
    "a frame declares 4 GiB": _prelude((1 << 32) - 1, 0),
    "a frame declares more than 128 KiB of headers": _prelude(_MEBIBYTE, 131_073),
    "the headers are longer than the frame": _prelude(100, 200),
    "a frame is shorter than its prelude": _prelude(8, 0),
    "the type of a header is unknown": _framed(_EVENT + b"\x01a\x0a"),
    "the name of a header is not UTF-8": _framed(_EVENT + b"\x01\xff\x00"),
    "the value of a header is not UTF-8": _framed(_EVENT + b"\x01a\x07\x00\x01\xff"),
    "the value of a header exceeds the header block": _framed(
        _EVENT + b"\x01a\x07\x01\x00"
    ),
    "the name of a header exceeds the header block": _framed(_EVENT + b"\xffa"),
    "a header is sent twice": _framed(_EVENT + _EVENT),
    "a frame has no headers": _framed(b"", b"two"),
    "a message has no type": encode_message({":event-type": "PayloadPart"}, b"two"),
    "the type of a message is unknown": encode_message({":message-type": "rumour"}),
    "the type of a message is not a string": encode_message({":message-type": True}),
    "an event has no type": encode_message({":message-type": "event"}, b"psst"),
    "the type of an event is not a string": encode_message(
        {":message-type": "event", ":event-type": True}, b"psst"
    ),
}
_NO_DATA_LOST: Final = {
    "the value of a header exceeds the header block",
    "a message has no type",
    "the type of a message is unknown",
    "the type of a message is not a string",
    "an event has no type",
    "the type of an event is not a string",
}
"""Faults that lose no part of the response in a client that ignores them."""
_BROKEN: Final[dict[str, Behaviour]] = {
    "the connection is closed inside a frame": sends_and_closes(
        CHUNKED, chunk(_ONE), chunk(_TWO[:-5])
    ),
    "the connection is reset inside a frame": sends_and_resets(
        CHUNKED, chunk(_ONE), chunk(_TWO[:-5])
    ),
    "the connection is closed between frames": sends_and_closes(CHUNKED, chunk(_ONE)),
    "the connection is reset between frames": sends_and_resets(CHUNKED, chunk(_ONE)),
    "the connection is closed inside the chunk of a frame": sends_and_closes(
        CHUNKED, chunk(_ONE), chunk(_TWO)[:-9]
    ),
}
_EXCEPTIONS: Final[tuple[tuple[str, bytes, type[SageMakerRuntimeError], str], ...]] = (
    (
        "ModelStreamError is sent",
        exception_frame("ModelStreamError", {"Message": "m", "ErrorCode": "c"}),
        ModelStreamError,
        "ModelStreamError",
    ),
    (
        "InternalStreamFailure is sent",
        exception_frame("InternalStreamFailure", {"message": "m"}),
        InternalStreamFailure,
        "InternalStreamFailure",
    ),
    (
        "an unmodeled exception is sent",
        exception_frame("SurprisingException", {"message": "m"}),
        UnmodeledEventError,
        "SurprisingException",
    ),
    (
        "an exception event is not JSON",
        encode_message(
            {":message-type": "exception", ":exception-type": "ModelStreamError"},
            b"<html>\xff",
        ),
        ModelStreamError,
        "ModelStreamError",
    ),
    (
        "an exception event has no type",
        encode_message({":message-type": "exception"}, b"{}"),
        UnmodeledEventError,
        "UnmodeledEventError",
    ),
    (
        "an error event is sent",
        _error_frame(),
        UnmodeledEventError,
        "InternalError",
    ),
)
_GOOD: Final[dict[str, tuple[bytes, bytes]]] = {
    "a stream is empty": (b"", b""),
    "the type of an event is unknown": (
        encode_message({":message-type": "event", ":event-type": "Rumour"}, b"psst"),
        b"<Rumour>psst",
    ),
    "a part is empty": (payload_part(b""), b""),
}


_SLOW: Final = {
    "one chunk": (CHUNKED, chunk(_ONE + _TWO) + _LAST),
    "a body of known length": (reply(_ONE + _TWO)[: -len(_ONE + _TWO)], _ONE + _TWO),
}


def _timeout(name: str, behaviour: Behaviour, **options: float) -> Fault:
    return Fault(
        name=name,
        phase="event stream",
        setup=on_request(behaviour),
        call=Call(operation="stream", options=options),
        error=RequestTimeoutError,
        data=b"one",
        may_have_executed=True,
        is_incomplete=True,
    )


EVENT_STREAM: Final = (
    *(
        Fault(
            name=name,
            phase="event stream",
            setup=on_request(sends(CHUNKED, chunk(_ONE) + chunk(data) + _LAST)),
            call=_STREAM,
            error=CorruptMessageError,
            data=b"one",
            may_have_executed=True,
            is_reused=True,
            is_incomplete=name not in _NO_DATA_LOST,
        )
        for name, data in _CORRUPT.items()
    ),
    *(
        Fault(
            name=f"the body of a stream is {what}",
            phase="event stream",
            setup=on_request(sends(reply(body))),
            call=_STREAM,
            error=CorruptMessageError,
            may_have_executed=True,
            is_reused=True,
            is_incomplete=True,
        )
        for what, body in (("HTML", b"<html>" + b" " * 200), ("zeros", bytes(64)))
    ),
    *(
        Fault(
            name=f"each read of a stream in {what} is cancelled before it succeeds",
            phase="event stream",
            setup=on_request(sends_slowly(*pieces)),
            call=Call(operation="stream", reader="impatient"),
            data=b"onetwo",
            is_reused=True,
        )
        for what, pieces in _SLOW.items()
    ),
    Fault(
        name="a stream is read after it was closed before its end",
        phase="event stream",
        setup=on_request(sends_and_hangs(CHUNKED, chunk(_ONE) + chunk(_TWO))),
        call=Call(operation="stream", reader="late"),
        error=ClientStateError,
        data=b"one",
        may_have_executed=True,
        is_incomplete=True,
    ),
    Fault(
        name="a stream is read in another event loop",
        phase="event stream",
        setup=on_request(sends_and_hangs(CHUNKED, chunk(_ONE))),
        call=Call(operation="stream", reader="elsewhere"),
        error=ClientStateError,
        data=b"one",
        may_have_executed=True,
        is_incomplete=True,
    ),
    Fault(
        name="the timestamp of a header is after the year 9999",
        phase="event stream",
        setup=on_request(
            sends(
                CHUNKED,
                chunk(_ONE)
                + chunk(_framed(_EVENT + b"\x01a\x08" + b"\x7f" * 8))
                + _LAST,
            )
        ),
        call=_STREAM,
        error=CorruptMessageError,
        data=b"one",
        may_have_executed=True,
        is_reused=True,
    ),
    Fault(
        name="a stream ends inside a frame, after its last chunk",
        phase="event stream",
        setup=on_request(sends(CHUNKED, chunk(_ONE), chunk(_TWO[:-5]) + _LAST)),
        call=_STREAM,
        error=TruncatedStreamError,
        data=b"one",
        may_have_executed=True,
        is_reused=True,
        is_incomplete=True,
    ),
    *(
        Fault(
            name=name,
            phase="event stream",
            setup=on_request(behaviour),
            call=_STREAM,
            error=TruncatedBodyError,
            data=b"one",
            may_have_executed=True,
            is_incomplete=True,
        )
        for name, behaviour in _BROKEN.items()
    ),
    *(
        Fault(
            name=name,
            phase="event stream",
            setup=on_request(sends(CHUNKED, chunk(_ONE), chunk(frame) + _LAST)),
            call=_STREAM,
            error=error,
            code=code,
            data=b"one",
            may_have_executed=True,
            is_reused=True,
            is_incomplete=True,
        )
        for name, frame, error, code in _EXCEPTIONS
    ),
    *(
        Fault(
            name=name,
            phase="event stream",
            setup=on_request(sends(CHUNKED, (chunk(frame) if frame else b"") + _LAST)),
            call=_STREAM,
            data=data,
            is_reused=True,
        )
        for name, (frame, data) in _GOOD.items()
    ),
    _timeout("a stream stalls between frames", sends_and_hangs(CHUNKED, chunk(_ONE))),
    _timeout(
        "a stream stalls inside a frame",
        sends_and_hangs(CHUNKED, chunk(_ONE), chunk(_TWO[:-5])),
    ),
    _timeout(
        "a frame is sent byte by byte beyond stream_timeout",
        sends_byte_by_byte(
            CHUNKED + chunk(_ONE) + b"ffff\r\n" + _prelude(9999, 0)[:12],
            b"x",
            repeated=True,
        ),
        stream_timeout=0.3,
    ),
    Fault(
        name="frames are sent slowly but steadily",
        phase="event stream",
        setup=on_request(
            sends(
                CHUNKED,
                *(chunk(bytes([b])) for b in _ONE[:30]),
                chunk(_ONE[30:]),
                _LAST,
            )
        ),
        call=_STREAM,
        data=b"one",
        is_reused=True,
    ),
)
