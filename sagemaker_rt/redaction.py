"""What is shown of values that may hold a secret."""

from __future__ import annotations

__all__ = ["without_user_info"]


def without_user_info(url: object) -> str:
    """Return the repr of *url*, without what may be a password in it."""
    if isinstance(url, str) and "@" in url:
        return repr(f"[redacted]@{url.rpartition('@')[2]}")
    return repr(url)
