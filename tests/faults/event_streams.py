"""Faults in the frames of event streams."""

from __future__ import annotations

import struct
from typing import Final
from zlib import crc32

from sagemaker_rt import (
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
    answers,
    drips,
    ends,
    is_silent,
    reply,
    resets,
    says,
)

__all__ = ["EVENT_STREAM"]

_STREAM: Final = Call(operation="stream")
_ONE: Final = payload_part(b"one")
_TWO: Final = payload_part(b"two")
_LAST: Final = chunk(b"")
_MEBIBYTE: Final = 1 << 20


def _framed(block: bytes, payload: bytes = b"") -> bytes:
    """Return a frame with this block of headers, whose checksums are right."""
    lengths = struct.pack("!II", len(block) + len(payload) + 16, len(block))
    start = lengths + crc32(lengths).to_bytes(4) + block + payload
    return start + crc32(start).to_bytes(4)


def _announced(total: int, headers: int) -> bytes:
    """Return a prelude with these lengths, and what might be the beginning of more."""
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
    "a prelude's checksum is wrong": _flipped(_TWO, 8),
    "a message's checksum is wrong": _flipped(_TWO, -1 % len(_TWO)),
    "a payload is damaged": _flipped(_TWO, len(_TWO) - 5),
    "a header is damaged": _flipped(_TWO, 20),
    "a frame announces more than 24 MiB": _announced(25 * _MEBIBYTE, 0),
    "a frame announces 4 GiB": _announced((1 << 32) - 1, 0),
    "a frame announces more than 128 KiB of headers": _announced(_MEBIBYTE, 131_073),
    "a frame's headers are longer than the frame": _announced(100, 200),
    "a frame is shorter than its framing": _announced(8, 0),
    "a header's type is unknown": _framed(_EVENT + b"\x01a\x0a"),
    "a header's name is no UTF-8": _framed(_EVENT + b"\x01\xff\x00"),
    "a header's value is no UTF-8": _framed(_EVENT + b"\x01a\x07\x00\x01\xff"),
    "a header's value goes beyond the headers": _framed(_EVENT + b"\x01a\x07\x01\x00"),
    "a header's name goes beyond the headers": _framed(_EVENT + b"\xffa"),
    "a header comes twice": _framed(_EVENT + _EVENT),
    "a frame has no headers": _framed(b"", b"two"),
    "a message has no type": encode_message({":event-type": "PayloadPart"}, b"two"),
    "a message's type is unknown": encode_message({":message-type": "rumour"}),
    "a message's type is no text": encode_message({":message-type": True}),
}
_HARMLESS: Final = {
    "a header's value goes beyond the headers",
    "a message has no type",
    "a message's type is unknown",
    "a message's type is no text",
}
"""Those of them that lose nothing of the answer where they are overlooked."""
_BROKEN: Final[dict[str, Behaviour]] = {
    "a frame is cut, and the connection ended": ends(
        CHUNKED, chunk(_ONE), chunk(_TWO[:-5])
    ),
    "a frame is cut, and the connection reset": resets(
        CHUNKED, chunk(_ONE), chunk(_TWO[:-5])
    ),
    "the connection is ended between frames": ends(CHUNKED, chunk(_ONE)),
    "the connection is reset between frames": resets(CHUNKED, chunk(_ONE)),
    "the chunk of a frame is cut": ends(CHUNKED, chunk(_ONE), chunk(_TWO)[:-9]),
}
_EXCEPTIONS: Final[tuple[tuple[str, bytes, type[SageMakerRuntimeError], str], ...]] = (
    (
        "the model fails in its stream",
        exception_frame("ModelStreamError", {"Message": "m", "ErrorCode": "c"}),
        ModelStreamError,
        "ModelStreamError",
    ),
    (
        "the service fails in a stream",
        exception_frame("InternalStreamFailure", {"message": "m"}),
        InternalStreamFailure,
        "InternalStreamFailure",
    ),
    (
        "an exception in a stream has no model",
        exception_frame("SurprisingException", {"message": "m"}),
        UnmodeledEventError,
        "SurprisingException",
    ),
    (
        "an exception in a stream is no JSON",
        encode_message(
            {":message-type": "exception", ":exception-type": "ModelStreamError"},
            b"<html>\xff",
        ),
        ModelStreamError,
        "ModelStreamError",
    ),
    (
        "an exception in a stream has no name",
        encode_message({":message-type": "exception"}, b"{}"),
        UnmodeledEventError,
        "UnmodeledEventError",
    ),
    (
        "an error comes in a stream",
        _error_frame(),
        UnmodeledEventError,
        "InternalError",
    ),
)
_GOOD: Final[dict[str, tuple[bytes, bytes]]] = {
    "a stream is empty": (b"", b""),
    "an event is of an unknown type": (
        encode_message({":message-type": "event", ":event-type": "Rumour"}, b"psst"),
        b"<Rumour>psst",
    ),
    "an event has no type": (
        encode_message({":message-type": "event"}, b"psst"),
        b"<>psst",
    ),
    "an event's type is no text": (
        encode_message({":message-type": "event", ":event-type": True}, b"psst"),
        b"<True>psst",
    ),
    "a part is empty": (payload_part(b""), b""),
}


def _is_late(name: str, does: Behaviour, **options: float) -> Fault:
    return Fault(
        name=name,
        phase="event stream",
        scene=answers(does),
        call=Call(operation="stream", options=options),
        error=RequestTimeoutError,
        data=b"one",
        may_have_executed=True,
        is_cut=True,
    )


EVENT_STREAM: Final = (
    *(
        Fault(
            name=name,
            phase="event stream",
            scene=answers(says(CHUNKED, chunk(_ONE) + chunk(data) + _LAST)),
            call=_STREAM,
            error=CorruptMessageError,
            data=b"one",
            may_have_executed=True,
            is_reused=True,
            is_cut=name not in _HARMLESS,
        )
        for name, data in _CORRUPT.items()
    ),
    *(
        Fault(
            name=f"a stream is {what}",
            phase="event stream",
            scene=answers(says(reply(body))),
            call=_STREAM,
            error=CorruptMessageError,
            may_have_executed=True,
            is_reused=True,
            is_cut=True,
        )
        for what, body in (("a page", b"<html>" + b" " * 200), ("zeros", bytes(64)))
    ),
    Fault(
        name="a header's time is beyond all years",
        phase="event stream",
        scene=answers(
            says(
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
        name="a stream ends inside a frame, in good order",
        phase="event stream",
        scene=answers(says(CHUNKED, chunk(_ONE), chunk(_TWO[:-5]) + _LAST)),
        call=_STREAM,
        error=TruncatedStreamError,
        data=b"one",
        may_have_executed=True,
        is_reused=True,
        is_cut=True,
    ),
    *(
        Fault(
            name=name,
            phase="event stream",
            scene=answers(does),
            call=_STREAM,
            error=TruncatedBodyError,
            data=b"one",
            may_have_executed=True,
            is_cut=True,
        )
        for name, does in _BROKEN.items()
    ),
    *(
        Fault(
            name=name,
            phase="event stream",
            scene=answers(says(CHUNKED, chunk(_ONE), chunk(frame) + _LAST)),
            call=_STREAM,
            error=error,
            code=code,
            data=b"one",
            may_have_executed=True,
            is_reused=True,
            is_cut=True,
        )
        for name, frame, error, code in _EXCEPTIONS
    ),
    *(
        Fault(
            name=name,
            phase="event stream",
            scene=answers(says(CHUNKED, (chunk(frame) if frame else b"") + _LAST)),
            call=_STREAM,
            data=data,
            is_reused=True,
        )
        for name, (frame, data) in _GOOD.items()
    ),
    _is_late("nothing more comes between frames", is_silent(CHUNKED, chunk(_ONE))),
    _is_late(
        "nothing more comes within a frame",
        is_silent(CHUNKED, chunk(_ONE), chunk(_TWO[:-5])),
    ),
    _is_late(
        "a frame comes byte by byte beyond the stream's time",
        drips(
            CHUNKED + chunk(_ONE) + b"ffff\r\n" + _announced(9999, 0)[:12],
            b"x",
            repeated=True,
        ),
        stream_timeout=0.3,
    ),
    Fault(
        name="frames come slowly but steadily",
        phase="event stream",
        scene=answers(
            says(
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
