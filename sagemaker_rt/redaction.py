"""What is shown of values that may hold a secret, or more than one line."""

from __future__ import annotations

__all__ = ["printable", "without_user_info"]


def printable(text: str) -> str:
    """Return *text* on one line, and without what a terminal would act on."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def without_user_info(url: object) -> str:
    """Return the repr of *url*, without what may be a password in it."""
    if isinstance(url, str) and "@" in url:
        return repr(f"[redacted]@{url.rpartition('@')[2]}")
    return repr(url)
