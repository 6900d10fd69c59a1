"""Text for logs and errors: without secrets, and on one line."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "escaped",
    "printable",
    "without_keys",
    "without_session_token",
    "without_user_info",
]


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


# The patterns are compiled at their first use: most programs do not use them.
# An access key ID; base64 as long as a secret key; hex; a JSON Web Token; tokens of
# GitHub, GitLab, Hugging Face, npm, OpenAI, Slack and Vault. Paths and host names,
# which have other characters between short words, are kept.
_KEYS: Final = (
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|eyJ[\w.-]{20,}|[A-Za-z0-9+/=]{40,}"
    r"|\b[0-9a-fA-F]{32,}\b|[\w-]{40,}"
    r"|\b(?:gh[opsur]|hf|hvs|npm)[_.]\w{16,}|\b(?:glpat|sk|xox[abeprs])-[\w-]{16,}"
)
# A value after its name: quoted, or one word.
_VALUE: Final = r"(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s\"',}]+)"
_NAMED: Final = (
    rf"(?i)(\w*(?:secret|token|passw|api_?key|access_?key)\w*[\"']?\s*[:=]\s*){_VALUE}"
    rf"|(--?\w*(?:secret|token|passw|key)\w*\s+){_VALUE}"
    rf"|(\b(?:aws_\w*key|aws_\w*token|secret_?access_?key|session_?token)\s+){_VALUE}"
    rf"|(\b(?:bearer|basic)\s+){_VALUE}"
)
_USER_INFO: Final = r"(?<=://)[^\s/@]+@"


def _redact_value(match: re.Match[str]) -> str:
    return f"{match[match.lastindex or 0]}[redacted]"


def without_keys(text: str) -> str:
    """Return *text* of a program, without what looks like a key, token or password."""
    text = re.sub(_USER_INFO, "[redacted]@", text)
    return re.sub(_KEYS, "[redacted]", re.sub(_NAMED, _redact_value, text))
