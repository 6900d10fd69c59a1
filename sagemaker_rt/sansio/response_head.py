"""Checks and converts the headers of a response, as a parser passes them on.

The parser, llhttp, must be lenient to read folded headers, and then accepts more than
RFC 9112 allows. It has no limits either. Both are checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from sagemaker_rt.sansio.header_values import decode_value

__all__ = ["MAX_HEAD_BYTES", "RawHeaders", "head_problem", "read_headers", "values"]

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Names and values, as they were received."""

MAX_HEAD_BYTES: Final = 1 << 16
"""The most bytes of a status line and headers."""
_MAX_HEADERS: Final = 128
_MAX_HEADER_BYTES: Final = 8190
_STATUSES: Final = range(100, 1000)
_VERSIONS: Final = frozenset({"1.0", "1.1"})
_LENGTH: Final = "content-length"


def head_problem(
    status: int, version: str, raw: RawHeaders, headers: dict[str, str], *, size: int
) -> str | None:
    """Return why a response is invalid; None if it is valid.

    The text does not quote what was received, which can be secret.

    Args:
        raw: The headers, as they were received.
        headers: The same, from `read_headers`.
        size: The number of bytes that were received; at least that of the headers.
    """
    if status not in _STATUSES or version not in _VERSIONS:
        return "Bad status line"
    if len(raw) > _MAX_HEADERS:
        return f"Got more than {_MAX_HEADERS} headers"
    if size > _MAX_HEADER_BYTES and _largest(raw) > _MAX_HEADER_BYTES:
        return f"Got more than {_MAX_HEADER_BYTES} bytes in a header"
    if "\0" in "".join(headers.values()):
        return "Invalid header value: it contains NUL"
    if len(raw) > len(headers) and len(values(raw, _LENGTH.encode())) > 1:
        return "Duplicate Content-Length"
    return None


def _largest(raw: RawHeaders) -> int:
    return max((len(name) + len(value) for name, value in raw), default=0)


def values(raw: RawHeaders, name: bytes) -> list[str]:
    """Return the values of the header *name*, which is in lower case."""
    return [decode_value(value) for key, value in raw if key.lower() == name]


_NAMES: Final[dict[bytes, str]] = {}
_MAX_NAMES: Final = 256


def read_headers(
    raw: RawHeaders, decode: Callable[[bytes], str] = bytes.decode
) -> dict[str, str]:
    """Return *raw* as text by lower-case name; repeated headers are joined.

    Args:
        decode: Decodes a value; if it cannot, `decode_value` decodes all values.
    """
    result: dict[str, str] = {}
    try:
        for raw_name, raw_value in raw:
            name = _NAMES.get(raw_name) or _name(raw_name)
            value = decode(raw_value).rstrip(" \t")
            result[name] = f"{result[name]}, {value}" if name in result else value
    except UnicodeDecodeError:
        return read_headers(raw, decode_value)
    return result


def _name(raw: bytes) -> str:
    name = raw.decode("latin-1").lower()
    if len(_NAMES) < _MAX_NAMES:
        _NAMES[raw] = name
    return name
