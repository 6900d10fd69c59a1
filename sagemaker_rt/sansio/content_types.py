"""Content types: the media type, and the charset of a text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = ["charset_of", "media_type_of"]

_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


@lru_cache(256)
def media_type_of(content_type: str | None) -> str:
    """Return the type without parameters, in lower case; empty if it is unset."""
    return (content_type or "").partition(";")[0].strip().lower()


@lru_cache(256)
def charset_of(content_type: str | None) -> str:
    """Return the parameter ``charset`` in lower case; by default ``utf-8``."""
    found = _CHARSET.search(content_type or "")
    return found[1].lower() if found is not None else "utf-8"
