"""Checks that the end of a response body can be recognized (RFC 9112, section 6.3).

``Content-Length`` or the last chunk ends a body. If only the end of the connection
does, a truncated body looks like a complete one, so such a response is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["framing_problem"]

_SUCCESS: Final = range(200, 300)
_PARTIAL_CONTENT: Final = 206


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
