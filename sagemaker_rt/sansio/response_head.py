"""Checks and converts the headers of a response, as a parser passes them on.

The parser, llhttp, must be lenient to read folded headers, and then accepts more than
RFC 9112 allows. It has no limits either. Both are checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from sagemaker_rt.sansio.header_values import decode_value

__all__ = ["MAX_HEAD_BYTES", "RawHeaders", "head_problem", "response_headers", "values"]

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Names and values, as they were received."""

MAX_HEAD_BYTES: Final = 1 << 16
"""The most bytes of a status line and headers."""
_MAX_HEADERS: Final = 128
_MAX_HEADER_BYTES: Final = 8190
_STATUSES: Final = range(100, 1000)
_VERSIONS: Final = frozenset({"1.0", "1.1"})


def head_problem(status: int, version: str, headers: RawHeaders) -> str | None:
    """Return why a response is invalid; None if it is valid.

    The text does not quote what was received, which can be secret.
    """
    if status not in _STATUSES or version not in _VERSIONS:
        return "Bad status line"
    if len(headers) > _MAX_HEADERS:
        return f"Got more than {_MAX_HEADERS} headers"
    lengths = 0
    for name, value in headers:
        if len(value) + len(name) > _MAX_HEADER_BYTES:
            return f"Got more than {_MAX_HEADER_BYTES} bytes in a header"
        if b"\0" in value:
            return "Invalid header value: it contains NUL"
        if name.lower() == b"content-length":
            lengths += 1
    if lengths > 1:
        return "Duplicate Content-Length"
    return None


def values(headers: RawHeaders, name: bytes) -> list[str]:
    """Return the values of the header *name*, which is in lower case."""
    return [decode_value(value) for key, value in headers if key.lower() == name]


_NAMES: Final[dict[bytes, str]] = {}
_MAX_NAMES: Final = 256


def response_headers(headers: RawHeaders) -> dict[str, str]:
    """Return *headers* by lower-case name; repeated ones are joined by ``", "``."""
    result: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = _NAMES.get(raw_name) or _name(raw_name)
        value = decode_value(raw_value).rstrip(" \t")
        result[name] = f"{result[name]}, {value}" if name in result else value
    return result


def _name(raw: bytes) -> str:
    name = raw.decode("latin-1").lower()
    if len(_NAMES) < _MAX_NAMES:
        _NAMES[raw] = name
    return name
