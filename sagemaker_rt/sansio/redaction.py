"""What is shown of values that may hold a secret, or more than one line."""

from __future__ import annotations

import re

__all__ = ["printable", "without_session_token", "without_user_info"]


def printable(text: str) -> str:
    """Return *text* on one line, and without what a terminal would act on."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def without_session_token(text: str) -> str:
    """Return what a service says, without the token of the request that it quotes.

    A refused signature is answered with the headers that it should have been made of.
    """
    name = r"(x-amz-security-token:)\s*\S+"
    return re.sub(name, r"\1[redacted]", text, flags=re.IGNORECASE)


def without_user_info(url: object) -> str:
    """Return the repr of *url*, without what may be a password in it."""
    if isinstance(url, str) and "@" in url:
        return repr(f"[redacted]@{url.rpartition('@')[2]}")
    return repr(url)
