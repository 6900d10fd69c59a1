"""Text for logs and errors: without secrets, and on one line."""

from __future__ import annotations

import re

__all__ = ["escaped", "printable", "without_session_token", "without_user_info"]


def printable(text: str) -> str:
    """Return *text* on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def escaped(text: str) -> str:
    """Return *text* with the escapes of Python in place of control characters."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def without_session_token(text: str) -> str:
    """Return the message of a service, without the session token it may quote.

    The response to a wrong signature quotes the canonical request with its headers.
    """
    name = r"(x-amz-security-token:)\s*\S+"
    return re.sub(name, r"\1[redacted]", text, flags=re.IGNORECASE)


def without_user_info(url: object) -> str:
    """Return the repr of *url* without its user info, which may contain a password."""
    if isinstance(url, str) and "@" in url:
        return repr(f"[redacted]@{url.rpartition('@')[2]}")
    return repr(url)
