"""Mutated event-stream frames, read by the decoder and by the client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from botocore.eventstream import EventStreamBuffer

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    CorruptMessageError,
    EventStreamError,
    SerializationError,
)
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    MODELLED_ERRORS,
)
from sagemaker_rt.sansio.eventstream import EventStreamDecoder, Message, encode_message
from sagemaker_rt.sansio.eventstream_headers import Byte, Integer, Short
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput
from sagemaker_rt.streaming.response_stream import ResponseStream
from tests.doubles import BufferedBody
from tests.fuzz.mutation import BrokenRuleError, Chance, corrupted, pieces, reframed

__all__ = ["EVENTS", "PAYLOADS", "check_messages", "events", "frames"]

_NOW: Final = datetime(2026, 11, 21, 4, 0, 0, 5000, tzinfo=UTC)
EVENTS: Final[tuple[Mapping[str, Any], ...]] = (
    {":message-type": "event", ":event-type": "PayloadPart"},
    {":message-type": "event", ":event-type": "PayloadPart", "n": 7, "f": True},
    {":message-type": "event", ":event-type": "Other", "b": b"\0\1"},
    {"b": Byte(-1), "s": Short(300), "i": Integer(-7), "f": False, "é": "é"},
    {"time": _NOW, "id": UUID(int=7), ":message-type": "event"},
    {":message-type": "exception", ":exception-type": "ModelStreamError"},
    {":message-type": "exception", ":exception-type": "InternalStreamFailure"},
    {":message-type": "error", ":error-code": "E", ":error-message": "m"},
)
PAYLOADS: Final = (b"", b"part", b'{"Message":"m","ErrorCode":"c"}', b"x" * 300)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
# Errors of inputs that botocore accepts: a value that ends outside its block, an empty
# name, a frame shorter than declared, and a time outside the range of `datetime`.
_STRICTER: Final = ("headers cannot be decoded", "too short", "timestamp before byte")

Read: TypeAlias = "tuple[list[Message], EventStreamError | None]"
Plain: TypeAlias = "list[tuple[dict[str, tuple[type, object]], bytes]]"


def _stream(chance: Chance) -> bytes:
    frames = [
        encode_message(chance.choice(EVENTS), chance.choice(PAYLOADS))
        for _ in range(1 + chance.some(4))
    ]
    if not chance.is_rare(4):
        index = chance.randrange(len(frames))
        frames[index] = reframed(chance, frames[index])
    data = b"".join(frames)
    return corrupted(chance, data) if chance.is_rare(2) else data


async def frames(chance: Chance) -> str:
    """Decode frames in random pieces; compare with one piece and with botocore."""
    data = _stream(chance)
    messages, error = _read(pieces(chance, data))
    whole, whole_error = _read([data])
    outcome = (messages, type(error), str(error))
    if (whole, type(whole_error), str(whole_error)) != outcome:
        problem = f"pieces matter: {error!r}, {whole_error!r} for {data!r}"
        raise BrokenRuleError(problem)
    check_messages(data, messages, error)
    if error is not None:
        raise error
    return "value"


def _read(chunks: list[bytes]) -> Read:
    decoder, messages = EventStreamDecoder(), []
    try:
        for piece in chunks:
            messages += decoder.feed(piece)
        decoder.close()
    except EventStreamError as error:
        return messages, error
    return messages, None


def check_messages(
    data: bytes, messages: list[Message], error: EventStreamError | None
) -> None:
    """Compare *messages* with those that botocore reads from *data*."""
    actual = [(_plain(message.headers), message.payload) for message in messages]
    expected, is_complete = _by_botocore(data)
    is_stricter = isinstance(error, CorruptMessageError) and any(
        reason in str(error) for reason in _STRICTER
    )
    # The frame at which botocore fails must be rejected here too.
    is_equal = actual == expected[: len(actual)] and (is_stricter or actual == expected)
    if not is_equal or (error is None and not is_complete):
        problem = (
            f"botocore reads {expected!r} from {data!r}, not {actual!r} and {error!r}"
        )
        raise BrokenRuleError(problem)
    if error is None:
        _check_encoding(data, messages)


def _check_encoding(data: bytes, messages: list[Message]) -> None:
    """Check that encoding *messages* gives *data*, if the encoder allows them."""
    try:
        encoded = b"".join(encode_message(m.headers, m.payload) for m in messages)
    except SerializationError:
        return  # for example, values of 65,535 bytes are decoded only
    if encoded != data:
        problem = f"{data!r} was decoded, and encoded as {encoded!r}"
        raise BrokenRuleError(problem)


def _by_botocore(data: bytes) -> tuple[Plain, bool]:
    """Return the messages that botocore reads, and whether it raised no error."""
    buffer = EventStreamBuffer()
    buffer.add_data(data)
    found: Plain = []
    try:
        found.extend((_plain(event.headers), event.payload) for event in buffer)
    except Exception:  # noqa: BLE001 - it raises errors of many types
        return found, False
    return found, True


def _plain(headers: Mapping[str, Any]) -> dict[str, tuple[type, object]]:
    """Return *headers* in the types of botocore, which has fewer."""
    plain: dict[str, tuple[type, object]] = {}
    for name, value in headers.items():
        match value:
            case bool() | bytes() | str():
                plain[name] = type(value), value
            case int():
                plain[name] = int, int(value)
            case datetime():
                plain[name] = int, (value - _EPOCH) // _MILLISECOND
            case UUID():
                plain[name] = bytes, value.bytes
    return plain


async def events(chance: Chance) -> str:
    """Read a stream of mutated frames through `ResponseStream`."""
    body = BufferedBody(*pieces(chance, _stream(chance)))
    stream = ResponseStream(
        InvokeEndpointWithResponseStreamOutput(metadata=Metadata()),
        Response(200, Headers(), body),
        operation=INVOKE_ENDPOINT_WITH_RESPONSE_STREAM.name,
        known_errors=MODELLED_ERRORS,
    )
    try:
        return f"{len([event async for event in stream])} events"
    finally:
        if not body.is_released:
            problem = "the body was not released"
            raise BrokenRuleError(problem)
