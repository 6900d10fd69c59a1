"""Checks that the end of a response body can be recognized (RFC 9112, section 6.3).

``Content-Length`` or the last chunk ends a body. If only the end of the connection
does, a truncated body looks like a complete one, so such a response is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

__all__ = ["framing_problem", "is_between_responses", "is_chunked"]

_SUCCESS: Final = range(200, 300)
_PARTIAL_CONTENT: Final = 206
_END_OF_HEAD: Final = b"\r\n\r\n"
_INTERIM: Final = re.compile(rb"HTTP/\d\.\d 1(?!01)\d\d")
# Parsers disagree on other spellings, such as those that end in a tab.
_CHUNKED: Final = re.compile(
    rb"\r\ntransfer-encoding:[ \t]*(?:\r\n[ \t]+)?chunked *\r\n(?![ \t])", re.IGNORECASE
)


def framing_problem(
    status: int,
    codings: Sequence[str],
    *,
    has_length: bool,
    is_chunked: bool,
    is_empty: bool,
) -> str | None:
    """Return why the body of a response could be incomplete; None if it cannot.

    Only success responses have problems: other bodies are only read for messages.

    Args:
        codings: The values of ``Transfer-Encoding``.
        has_length: Whether there is ``Content-Length``.
        is_chunked: Whether the parser reads the body as chunks.
        is_empty: Whether the response cannot have a body, or has none.
    """
    if status not in _SUCCESS:
        return None
    if status == _PARTIAL_CONTENT:
        return f"is partial, but no range was requested: HTTP {_PARTIAL_CONTENT}"
    if is_empty or (has_length and not codings and not is_chunked):
        return None
    if not codings or not is_chunked:
        return "has no length, so a truncated body could not be detected"
    if [coding.lower() for coding in codings] != ["chunked"]:
        return f"has an unrequested transfer coding: {', '.join(codings)!r:.200}"
    return None


def is_chunked(received: bytes) -> bool:
    """Return whether the final response in *received* certainly has a chunked body.

    Args:
        received: All bytes of the response headers, and of interim responses before
            them. A part of the body may follow.
    """
    start, end = _final_head(received)
    return _CHUNKED.search(received, start, end) is not None


def is_between_responses(received: bytes) -> bool:
    """Return whether *received* is empty, or consists of interim responses only."""
    return _final_head(received)[0] == len(received)


def _final_head(received: bytes) -> tuple[int, int]:
    """Return start and end of the first head that is not an interim response."""
    start = 0
    while True:
        end = received.find(_END_OF_HEAD, start)
        if end < 0:
            return start, len(received)
        end += len(_END_OF_HEAD)
        if not _INTERIM.match(received, start):
            return start, end
        start = end
