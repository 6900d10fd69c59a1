"""A strict HTTP/1.1 parser, which accepts only messages that follow the grammar.

It is written for these tests, and shares no code with the client.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

__all__ = ["Head", "NotHTTPError", "read_request", "read_response"]

_NAME: Final = rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)"
_FIELD: Final = re.compile(_NAME + rb":([\t -~\x80-\xff]*)\r\n")
_LOOSE: Final = re.compile(
    rb"[\t ]*" + _NAME + rb":([^\n\0]*(?:\r?\n[\t ]+[^\n\0]*)*)\n"
)
_TRAILER: Final = re.compile(rb"[^\r\n][^\n]*\n")
_END: Final = re.compile(rb"\r?\n")
_BLANK: Final = re.compile(rb"[\t ]*\r?\n")
_REQUEST: Final = re.compile(rb"([A-Z]+) ([!-~]+) HTTP/1\.1\r\n")
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-9][0-9][0-9])(?: [^\n]*?)?\r?\n")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[\t ]*(?:;[^\n]*?)?\r?\n")
_ONCE: Final = {b"host", b"content-length", b"transfer-encoding", b"authorization"}

Head: TypeAlias = "tuple[re.Match[bytes], dict[bytes, bytes], bytes]"


class NotHTTPError(Exception):
    """The data is not HTTP/1.1, or is incomplete."""


def read_request(data: bytes) -> tuple[bytes, bytes, dict[bytes, bytes], bytes]:
    """Return method, target, headers and body of the request *data*."""
    start, headers, rest = _head(data, _REQUEST, _FIELD)
    if not re.fullmatch(rb"[0-9]{1,15}", headers.get(b"content-length", b"0")):
        raise NotHTTPError(headers)
    if int(headers.get(b"content-length", b"0")) != len(rest):
        raise NotHTTPError(rest)
    return start[1], start[2], headers, rest


def read_response(data: bytes) -> tuple[int, bytes]:
    """Return status and body of the first final response in *data*.

    The end of the body is parsed strictly. The rest is lenient: lines may end with a
    bare line feed, and may have any content.
    """
    start, headers, rest = _head(data.lstrip(b"\r\n"), _STATUS, _LOOSE)
    while start[1].startswith(b"1"):
        start, headers, rest = _head(rest.lstrip(b"\r\n"), _STATUS, _LOOSE)
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if start[1] in {b"204", b"304"}:
        return int(start[1]), b""
    if coding is not None:
        if length is not None or coding.lower() != b"chunked":
            raise NotHTTPError(headers)
        return int(start[1]), _chunked(rest)
    if length is None or not re.fullmatch(rb"[0-9]{1,15}", length):
        raise NotHTTPError(headers)
    if int(length) > len(rest):
        raise NotHTTPError(rest)
    return int(start[1]), rest[: int(length)]


def _head(data: bytes, first: re.Pattern[bytes], line: re.Pattern[bytes]) -> Head:
    """Return the match of the *first* line, the headers, and the data after them."""
    start = first.match(data)
    if start is None:
        raise NotHTTPError(data[:80])
    headers: dict[bytes, bytes] = {}
    at = start.end()
    while (field := line.match(data, at)) is not None:
        name = field[1].lower()
        value = field[2].strip(b"\t\r\n ")
        is_same = headers.get(name, value) == value and line is _LOOSE
        if name in headers and name in _ONCE and not is_same:
            raise NotHTTPError(field[0])
        headers[name] = value
        at = field.end()
    end = _BLANK.match(data, at)
    if end is None or (first is _REQUEST and end[0] != b"\r\n"):
        raise NotHTTPError(data[at : at + 80])
    return start, headers, data[end.end() :]


def _chunked(data: bytes) -> bytes:
    body, at = b"", 0
    while True:
        size = _SIZE.match(data, at)
        if size is None:
            raise NotHTTPError(data[at : at + 80])
        at, length = size.end(), int(size[1], 16)
        if not length:
            break
        body += data[at : at + length]
        end = _END.match(data, at + length)
        if end is None:
            raise NotHTTPError(data[at:])
        at = end.end()
    while (trailer := _TRAILER.match(data, at)) is not None:
        at = trailer.end()
    if _END.match(data, at) is None:
        raise NotHTTPError(data[at:])
    return body
