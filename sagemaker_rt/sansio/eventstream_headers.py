"""The headers of event stream messages: their types, encoding and decoding.

A header is encoded as the length of its name (1 byte), the name, the number of its type
(1 byte), and the value. Text and bytes are preceded by their length (2 bytes).

By the Amazon Event Stream Specification (Smithy 2.0), the name of a header is not empty
and occurs once. A text or bytes value has 1 to 32,767 bytes; empty values are also
allowed here, and up to 65,535 bytes are decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final, TypeAlias
from uuid import UUID

from sagemaker_rt.errors import CorruptMessageError, SerializationError

__all__ = [
    "Byte",
    "HeaderValue",
    "Integer",
    "Short",
    "decode_headers",
    "encode_headers",
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


def decode_headers(block: bytes) -> dict[str, HeaderValue]:
    """Return the headers in *block*.

    Raises:
        CorruptMessageError: The headers violate the specification.
    """
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


def encode_headers(headers: Mapping[str, HeaderValue]) -> bytes:
    """Return the encoded *headers*.

    Raises:
        SerializationError: A name or value exceeds the format.
    """
    return b"".join(_encode_header(name, value) for name, value in headers.items())


def _encode_header(name: str, value: HeaderValue) -> bytes:
    try:
        return _prefixed(name.encode(), 1, range(1, 2**8)) + _encode_value(value)
    except (OverflowError, ValueError) as error:
        message = f"header {name!r} ({type(value).__name__}) is invalid: {error}"
        raise SerializationError(message) from error


def _encode_value(value: HeaderValue) -> bytes:
    match value:
        case bool():  # before int, of which bool is a subclass
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
