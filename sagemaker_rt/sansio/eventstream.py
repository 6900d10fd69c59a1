"""The framing of event streams, ``application/vnd.amazon.eventstream``.

A stream is a sequence of frames, and a frame carries one message::

    frame     prelude, headers, payload, checksum (4 bytes)
    prelude   length of the frame (4), length of its headers (4), checksum (4)
    header    length of the name (1), name, type (1), value

Numbers are big-endian, and a checksum is the CRC-32 of all that is before it in its
frame. What a message means (``:message-type``) is for those who receive it to say.
By the Amazon Event Stream Specification (Smithy 2.0), a header's name is not empty, and
occurs once; its value has 1 to 32,767 bytes, but none and up to 65,535 are decoded too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from struct import Struct
from typing import Final, NoReturn, TypeAlias
from uuid import UUID
from zlib import crc32

from attrs import define, field

from sagemaker_rt.errors import (
    CorruptMessageError,
    EventStreamError,
    SerializationError,
    TruncatedStreamError,
)

__all__ = [
    "Byte",
    "EventStreamDecoder",
    "HeaderValue",
    "Integer",
    "Message",
    "Short",
    "encode_message",
]


class Byte(int):
    """A number that travels in one byte of a header."""

    __slots__ = ()


class Short(int):
    """A number that travels in two bytes of a header."""

    __slots__ = ()


class Integer(int):
    """A number that travels in four bytes of a header."""

    __slots__ = ()


HeaderValue: TypeAlias = bool | int | bytes | str | datetime | UUID
"""What a header holds. An ``int`` that is of none of the types above travels in eight
bytes; a ``datetime`` is aware, and has whole milliseconds. Values keep their types."""


@define
class Message:
    """What one frame carries; it belongs to whoever receives it."""

    headers: dict[str, HeaderValue]
    payload: bytes = field(repr=False)


_MAX_PAYLOAD: Final = 24 * 1024 * 1024
_MAX_HEADERS: Final = 128 * 1024
_LENGTHS: Final = Struct("!II")
_PRELUDE: Final = Struct("!III")
_PRELUDE_SIZE: Final = 12
_FRAMING_SIZE: Final = 16
# Most frames of a stream begin like one before. So many beginnings are remembered, with
# headers of so many bytes: enough for the tokens of a text, and at most some 400 KB.
_REMEMBERED_PRELUDES: Final = 256
_REMEMBERED_HEADERS: Final = 1024


class EventStreamDecoder:
    """Turns the bytes of one stream, however they are cut, into messages.

    Both checksums of every frame are checked, and its lengths against *max_payload* and
    *max_headers*, in bytes, before anything that they announce is kept. Behind a broken
    frame nothing can be trusted: a decoder that has raised an error goes on raising it.
    """

    def __init__(
        self, max_payload: int = _MAX_PAYLOAD, max_headers: int = _MAX_HEADERS
    ) -> None:
        self._max_payload = max_payload
        self._max_headers = max_headers
        self._unfinished = bytearray()
        self._needed = _PRELUDE_SIZE
        self._preludes: dict[bytes, _Prelude] = {}
        self._block = b""
        self._headers: dict[str, HeaderValue] = {}
        self._is_closed = False
        self._failure: tuple[type[EventStreamError], str] | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """Return the messages that *data* completes, in their order.

        Messages before a corrupt frame are returned, and the next call, be it of `feed`
        or of `close`, raises the error. *data* stays the caller's to change.

        Raises:
            CorruptMessageError: A frame contradicts its checksums, its own lengths,
                the limits or the specification.
            EventStreamError: The decoder is closed.
        """
        self._raise_failure()
        if self._is_closed:
            message = "the decoder is closed; every stream needs one of its own"
            raise EventStreamError(message)
        data = bytes(data)
        if len(self._unfinished) + len(data) < self._needed:
            self._unfinished += data
            return []
        if self._unfinished:
            data = b"".join((self._unfinished, data))
            self._unfinished.clear()
        messages: list[Message] = []
        try:
            self._decode(data, messages)
        except CorruptMessageError as error:
            self._failure = CorruptMessageError, str(error)
            if not messages:
                raise
        return messages

    def close(self) -> None:
        """Take note that the stream has ended; a second call does nothing more.

        Raises:
            CorruptMessageError: The last `feed` came upon a corrupt frame.
            TruncatedStreamError: The last frame is unfinished.
        """
        if self._unfinished:
            where = f"byte {len(self._unfinished)} of at least {self._needed}"
            message = f"the stream ended inside a frame, at {where}"
            self._failure = TruncatedStreamError, message
        self._raise_failure()
        self._is_closed = True

    def _raise_failure(self) -> None:
        if self._failure is not None:
            error, message = self._failure
            raise error(message)

    def _decode(self, data: bytes, messages: list[Message]) -> None:
        """Add the messages of the whole frames in *data*, and keep what is left."""
        start, stop = 0, len(data)
        self._needed = _PRELUDE_SIZE
        while stop - start >= _PRELUDE_SIZE:
            raw = data[start : start + _PRELUDE_SIZE]
            prelude = self._preludes.get(raw) or self._read_prelude(raw)
            end = start + prelude.length
            if end > stop:
                self._needed = prelude.length
                break
            block, payload, checksum = prelude.rest.unpack_from(data, start)
            if block != prelude.block:
                prelude.expect(block)
            computed = crc32(payload, prelude.checksum)
            if computed != checksum:
                _refuse_checksum("message", checksum, computed)
            if block != self._block:
                self._block, self._headers = block, _decode_headers(block)
            messages.append(Message(self._headers.copy(), payload))
            start = end
        self._unfinished += data[start:]

    def _read_prelude(self, raw: bytes) -> _Prelude:
        """Check *raw*, and return what it says."""
        length, headers, checksum = _PRELUDE.unpack(raw)
        computed = crc32(raw[: _LENGTHS.size])
        if computed != checksum:
            _refuse_checksum("prelude", checksum, computed)
        payload = length - headers - _FRAMING_SIZE
        if payload < 0:
            least = headers + _FRAMING_SIZE
            message = f"a frame of {length} bytes is too short; it has at least {least}"
            raise CorruptMessageError(message)
        _check_size("headers", headers, self._max_headers, CorruptMessageError)
        _check_size("payload", payload, self._max_payload, CorruptMessageError)
        rest = Struct(f"!{_PRELUDE_SIZE}x{headers}s{payload}sI")
        prelude = _Prelude(length, rest, crc32(raw), crc32(raw))
        if headers <= _REMEMBERED_HEADERS:
            if len(self._preludes) == _REMEMBERED_PRELUDES:
                self._preludes.clear()
            self._preludes[raw] = prelude
        return prelude


@define(eq=False)
class _Prelude:
    """What is known of frames that begin with the same twelve bytes."""

    length: int
    rest: Struct  # reads headers, payload and checksum
    own_checksum: int
    checksum: int  # of the prelude and of *block*, the headers that came last
    block: bytes = b""

    def expect(self, block: bytes) -> None:
        """Take *block* for the headers of this frame, and of those to come."""
        self.block = block
        self.checksum = crc32(block, self.own_checksum)


def _refuse_checksum(what: str, checksum: int, computed: int) -> NoReturn:
    message = f"{what} checksum {checksum:#010x} should be {computed:#010x}"
    raise CorruptMessageError(message)


def _check_size(what: str, size: int, limit: int, error: type[Exception]) -> None:
    if size > limit:
        message = f"{what} of {size} bytes are over the limit of {limit}"
        raise error(message)


def _decode_headers(block: bytes) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    reader = BytesIO(block)
    try:
        while reader.tell() < len(block):
            _decode_header(reader, headers)
    except OverflowError as error:
        message = f"timestamp before byte {reader.tell()} is not of the years 1 to 9999"
        raise CorruptMessageError(message) from error
    except ValueError as error:
        message = f"headers cannot be decoded at byte {reader.tell()}: {error}"
        raise CorruptMessageError(message) from error
    return headers


def _decode_header(reader: BytesIO, headers: dict[str, HeaderValue]) -> None:
    name = _sized(reader, 1).decode()
    if not name or name in headers:
        message = f"{name!r} is no name; names are not empty, and occur once"
        raise ValueError(message)
    type = _number(reader, 1, signed=False)
    if type not in _READERS:
        message = f"{name!r} is of type {type}; types are 0 to 9"
        raise ValueError(message)
    headers[name] = _READERS[type](reader)


def _take(reader: BytesIO, size: int) -> bytes:
    taken = reader.read(size)
    if len(taken) < size:
        message = f"{size} bytes are announced, {len(taken)} are left"
        raise ValueError(message)
    return taken


def _number(reader: BytesIO, size: int, *, signed: bool = True) -> int:
    return int.from_bytes(_take(reader, size), signed=signed)


def _sized(reader: BytesIO, size_of_length: int) -> bytes:
    return _take(reader, _number(reader, size_of_length, signed=False))


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
# The types by their numbers on the wire: the integers' sizes, and how all are read.
_NUMBERS: Final = {Byte: (2, 1), Short: (3, 2), Integer: (4, 4), int: (5, 8)}
_READERS: Final[dict[int, Callable[[BytesIO], HeaderValue]]] = {
    0: lambda _: True,
    1: lambda _: False,
    2: lambda reader: Byte(_number(reader, 1)),
    3: lambda reader: Short(_number(reader, 2)),
    4: lambda reader: Integer(_number(reader, 4)),
    5: lambda reader: _number(reader, 8),
    6: lambda reader: _sized(reader, 2),
    7: lambda reader: _sized(reader, 2).decode(),
    8: lambda reader: _EPOCH + _number(reader, 8) * _MILLISECOND,
    9: lambda reader: UUID(bytes=_take(reader, 16)),
}


def encode_message(
    headers: Mapping[str, HeaderValue], payload: bytes | bytearray | memoryview = b""
) -> bytes:
    """Return the frame that carries *headers* and *payload*.

    Raises:
        SerializationError: The format has no room for a name, a value or the whole.
    """
    block = b"".join(_encode_header(name, value) for name, value in headers.items())
    payload = bytes(payload)
    _check_size("headers", len(block), _MAX_HEADERS, SerializationError)
    _check_size("payload", len(payload), _MAX_PAYLOAD, SerializationError)
    lengths = _LENGTHS.pack(len(block) + len(payload) + _FRAMING_SIZE, len(block))
    frame = b"".join((lengths, crc32(lengths).to_bytes(4), block, payload))
    return frame + crc32(frame).to_bytes(4)


def _encode_header(name: str, value: HeaderValue) -> bytes:
    try:
        return _prefixed(name.encode(), 1, range(1, 2**8)) + _encode_value(value)
    except (OverflowError, ValueError) as error:
        message = f"header {name!r} ({type(value).__name__}) does not fit: {error}"
        raise SerializationError(message) from error


def _encode_value(value: HeaderValue) -> bytes:
    match value:
        case bool():
            return b"\x00" if value else b"\x01"
        case int():
            number, size = _NUMBERS.get(type(value), _NUMBERS[int])
            return bytes([number]) + value.to_bytes(size, signed=True)
        case bytes():
            return b"\x06" + _prefixed(value, 2, range(2**15))
        case str():
            return b"\x07" + _prefixed(value.encode(), 2, range(2**15))
        case datetime():
            return b"\x08" + _milliseconds(value).to_bytes(8, signed=True)
        case UUID():
            return b"\x09" + value.bytes
    message = "values are of the types in HeaderValue"
    raise ValueError(message)


def _milliseconds(value: datetime) -> int:
    milliseconds, rest = divmod(value.astimezone(UTC) - _EPOCH, _MILLISECOND)
    if rest or value.utcoffset() is None:
        message = f"{value} has no time zone, or no whole milliseconds"
        raise ValueError(message)
    return milliseconds


def _prefixed(value: bytes, size_of_length: int, lengths: range) -> bytes:
    if len(value) not in lengths:
        message = f"{len(value)} bytes are not {lengths.start} to {lengths.stop - 1}"
        raise ValueError(message)
    return len(value).to_bytes(size_of_length) + value
