"""The WebSocket close codes in errors of streams in both directions.

The service reports the close of a container's WebSocket as a `ModelStreamError`, also
after a normal end. Its texts are not documented, so a code is only found where the text
mentions a close.
"""

from __future__ import annotations

import re
from typing import Final

from sagemaker_rt.errors import ModelStreamError

__all__ = ["NORMAL_CLOSE_CODES", "close_code"]

NORMAL_CLOSE_CODES: Final = frozenset({1000, 1001})
"""RFC 6455, section 7.4.1: normal closure, and going away."""

# RFC 6455, section 7.4.2
_CODE: Final = r"(?<!\d)([1-4]\d{3})(?!\d)"
_ALONE: Final = re.compile(r"[1-4]\d{3}", re.ASCII)
_IN_TEXT: Final = re.compile(
    rf"\bclos(?:e|ed|ing|ure)\b[^\d\n]{{0,80}}{_CODE}", re.ASCII | re.IGNORECASE
)


def close_code(error: ModelStreamError) -> int | None:
    """Return the close code that *error* reports; None if it reports none."""
    if _ALONE.fullmatch(error.error_code or ""):
        return int(error.error_code or "")
    found = _IN_TEXT.search(error.message)
    return int(found[1]) if found else None
