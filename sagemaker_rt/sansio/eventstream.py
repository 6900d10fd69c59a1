"""The framing of event streams, ``application/vnd.amazon.eventstream``.

A stream is a sequence of frames, and a frame carries one message::

    frame     prelude, headers, payload, checksum (4 bytes)
    prelude   length of the frame (4), length of its headers (4), checksum (4)
    header    length of the name (1), name, type (1), value

Numbers are big-endian. A checksum is the CRC-32 of all bytes before it in the frame.
The meaning of a message (``:message-type``) is not handled here.

By the Amazon Event Stream Specification (Smithy 2.0), the name of a header is not empty
and occurs once. Its value has 1 to 32,767 bytes; the decoder also accepts 0 and up to
65,535 bytes.
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
    """An integer header value of one byte."""

    __slots__ = ()


class Short(int):
    """An integer header value of two bytes."""

    __slots__ = ()


class Integer(int):
    """An integer header value of four bytes."""

    __slots__ = ()


HeaderValue: TypeAlias = bool | int | bytes | str | datetime | UUID
"""A header value. A plain ``int`` is encoded in eight bytes; `Byte`, `Short` and
`Integer` take fewer. A ``datetime`` is aware, in whole milliseconds. Decoding returns
the types that were encoded."""


@define
class Message:
    """The content of one frame; the receiver may change it."""

    headers: dict[str, HeaderValue]
    payload: bytes = field(repr=False)


_MAX_PAYLOAD: Final = 24 * 1024 * 1024
_MAX_HEADERS: Final = 128 * 1024
_LENGTHS: Final = Struct("!II")
_PRELUDE: Final = Struct("!III")
_PRELUDE_SIZE: Final = 12
_FRAMING_SIZE: Final = 16
# Most frames of a stream have the prelude of an earlier frame. The cache is large
# enough for the token sizes of a text, and takes at most about 400 KB.
_MAX_CACHED_PRELUDES: Final = 256
_MAX_CACHED_HEADERS: Final = 1024


class EventStreamDecoder:
    """Decodes the bytes of one stream, in chunks of any size, to messages.

    Both checksums of each frame are verified. The lengths of a frame are checked
    against *max_payload* and *max_headers*, in bytes, before its content is buffered.
    The start of the next frame is unknown after a corrupt one, so a decoder that has
    raised an error raises it again at each later call.
    """

    def __init__(
        self, max_payload: int = _MAX_PAYLOAD, max_headers: int = _MAX_HEADERS
    ) -> None:
        self._max_payload = max_payload
        self._max_headers = max_headers
        self._buffer = bytearray()
        self._needed = _PRELUDE_SIZE
        self._preludes: dict[bytes, _Prelude] = {}
        self._block = b""
        self._headers: dict[str, HeaderValue] = {}
        self._is_closed = False
        self._failure: tuple[type[EventStreamError], str] | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """Return the messages that are complete with *data*, in order.

        Messages before a corrupt frame are returned; the next call of `feed` or `close`
        then raises the error. *data* is copied, so the caller may reuse its buffer.

        Raises:
            CorruptMessageError: A checksum or length of a frame is wrong, a limit is
                exceeded, or the headers violate the specification.
            EventStreamError: The decoder is closed.
        """
        self._raise_failure()
        if self._is_closed:
            message = "the decoder is closed; use a new decoder for each stream"
            raise EventStreamError(message)
        data = bytes(data)
        if len(self._buffer) + len(data) < self._needed:
            self._buffer += data
            return []
        if self._buffer:
            data = b"".join((self._buffer, data))
            self._buffer.clear()
        messages: list[Message] = []
        try:
            self._decode(data, messages)
        except CorruptMessageError as error:
            self._failure = CorruptMessageError, str(error)
            if not messages:
                raise
        return messages

    def close(self) -> None:
        """Signal the end of the stream; a second call has no effect.

        Raises:
            CorruptMessageError: The last `feed` found a corrupt frame.
            TruncatedStreamError: The last frame is incomplete.
        """
        if self._buffer:
            where = f"byte {len(self._buffer)} of at least {self._needed}"
            message = f"the stream ended inside a frame, at {where}"
            self._failure = TruncatedStreamError, message
        self._raise_failure()
        self._is_closed = True

    def _raise_failure(self) -> None:
        if self._failure is not None:
            error, message = self._failure
            raise error(message)

    def _decode(self, data: bytes, messages: list[Message]) -> None:
        """Append the messages of the complete frames in *data*, and buffer the rest."""
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
                prelude.set_block(block)
            computed = crc32(payload, prelude.checksum)
            if computed != checksum:
                _raise_checksum_error("message", checksum, computed)
            if block != self._block:
                self._block, self._headers = block, _decode_headers(block)
            messages.append(Message(self._headers.copy(), payload))
            start = end
        self._buffer += data[start:]

    def _read_prelude(self, raw: bytes) -> _Prelude:
        """Return the prelude for the bytes *raw*, after checking them."""
        length, headers, checksum = _PRELUDE.unpack(raw)
        computed = crc32(raw[: _LENGTHS.size])
        if computed != checksum:
            _raise_checksum_error("prelude", checksum, computed)
        payload = length - headers - _FRAMING_SIZE
        if payload < 0:
            least = headers + _FRAMING_SIZE
            message = (
                f"a frame of {length} bytes is too short; it needs at least {least}"
            )
            raise CorruptMessageError(message)
        _check_size("headers", headers, self._max_headers, CorruptMessageError)
        _check_size("payload", payload, self._max_payload, CorruptMessageError)
        rest = Struct(f"!{_PRELUDE_SIZE}x{headers}s{payload}sI")
        prelude = _Prelude(length, rest, crc32(raw), crc32(raw))
        if headers <= _MAX_CACHED_HEADERS:
            if len(self._preludes) == _MAX_CACHED_PRELUDES:
                self._preludes.clear()
            self._preludes[raw] = prelude
        return prelude


@define(eq=False)
class _Prelude:
    """A prelude, with the checksum of a frame up to its payload.

    Consecutive frames usually have the same headers. Keeping the checksum of the last
    headers saves computing it for each frame.
    """

    length: int
    rest: Struct  # unpacks headers, payload and checksum
    prelude_checksum: int
    checksum: int  # of the prelude and *block*
    block: bytes = b""

    def set_block(self, block: bytes) -> None:
        """Set the encoded headers that are expected after this prelude."""
        self.block = block
        self.checksum = crc32(block, self.prelude_checksum)


def _raise_checksum_error(part: str, checksum: int, computed: int) -> NoReturn:
    message = f"{part} checksum {checksum:#010x} should be {computed:#010x}"
    raise CorruptMessageError(message)


def _check_size(part: str, size: int, limit: int, error: type[Exception]) -> None:
    if size > limit:
        message = f"{part} of {size} bytes exceed the limit of {limit}"
        raise error(message)


def _decode_headers(block: bytes) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    reader = BytesIO(block)
    try:
        while reader.tell() < len(block):
            _decode_header(reader, headers)
    except OverflowError as error:
        message = f"timestamp before byte {reader.tell()} is not in the years 1 to 9999"
        raise CorruptMessageError(message) from error
    except ValueError as error:
        message = f"headers cannot be decoded at byte {reader.tell()}: {error}"
        raise CorruptMessageError(message) from error
    return headers


def _decode_header(reader: BytesIO, headers: dict[str, HeaderValue]) -> None:
    name = _sized(reader, 1).decode()
    if not name or name in headers:
        message = f"name {name!r} is empty or occurs twice"
        raise ValueError(message)
    type = _number(reader, 1, signed=False)
    if type not in _READERS:
        message = f"{name!r} has the type {type}; types are 0 to 9"
        raise ValueError(message)
    headers[name] = _READERS[type](reader)


def _take(reader: BytesIO, size: int) -> bytes:
    taken = reader.read(size)
    if len(taken) < size:
        message = f"{size} bytes are declared, {len(taken)} remain"
        raise ValueError(message)
    return taken


def _number(reader: BytesIO, size: int, *, signed: bool = True) -> int:
    return int.from_bytes(_take(reader, size), signed=signed)


def _sized(reader: BytesIO, size_of_length: int) -> bytes:
    return _take(reader, _number(reader, size_of_length, signed=False))


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
# The numbers of the types on the wire; for integers also their sizes in bytes.
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
        SerializationError: A name, a value or the whole frame exceeds the format.
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
        message = f"header {name!r} ({type(value).__name__}) is invalid: {error}"
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
    message = "the type must be one of HeaderValue"
    raise ValueError(message)


def _milliseconds(value: datetime) -> int:
    milliseconds, rest = divmod(value.astimezone(UTC) - _EPOCH, _MILLISECOND)
    if rest or value.utcoffset() is None:
        message = f"{value} must have a time zone and whole milliseconds"
        raise ValueError(message)
    return milliseconds


def _prefixed(value: bytes, size_of_length: int, lengths: range) -> bytes:
    if len(value) not in lengths:
        message = f"{len(value)} bytes, not {lengths.start} to {lengths.stop - 1}"
        raise ValueError(message)
    return len(value).to_bytes(size_of_length) + value
