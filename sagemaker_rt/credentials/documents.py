"""Credentials as JSON documents: of processes, containers and instances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from attrs import field, frozen

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.redaction import without_session_token

__all__ = ["Document", "expiry", "json_object", "read_credentials", "said"]

_MOST_SAID: Final = 4096


@frozen
class Document:
    """Members with secrets among them, which the repr does not show."""

    members: Mapping[str, object] = field(repr=False)

    def text(self, name: str) -> str | None:
        """Return the member *name*, if it is text and not empty."""
        value = self.members.get(name)
        return value if isinstance(value, str) and value else None

    def object(self, name: str) -> Document:
        """Return the member *name*; one without members, if it is no object."""
        value = self.members.get(name)
        return Document(value if isinstance(value, dict) else {})


def json_object(text: bytes, *, source: str) -> Document:
    """Return the JSON object that *text* is.

    Raises:
        CredentialsError: It is none; the text names *source* and shows nothing of it.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        message = f"{source} gave {len(text)} bytes that are no JSON object"
        del text, document  # which a traceback that shows local variables would show
        raise CredentialsError(message)
    return Document(document)


def read_credentials(document: Document, token: str, *, source: str) -> Credentials:
    """Return the credentials that *document* holds.

    Args:
        token: What the session token's member is called.

    Raises:
        CredentialsError: A member is missing, or is what it cannot be.
    """
    wanted = ("AccessKeyId", "SecretAccessKey")
    missing = [name for name in wanted if not document.text(name)]
    if missing:
        message = f"{source} gave no {' and no '.join(missing)}"
        raise CredentialsError(message)
    for name in (*wanted, token):
        if not _is_plain(document.text(name) or ""):
            message = f"{source} gave {name} with characters that it cannot have"
            raise CredentialsError(message)
    has_end = document.members.get("Expiration") is not None
    return Credentials(
        document.text("AccessKeyId") or "",
        document.text("SecretAccessKey") or "",
        document.text(token),
        expires_at=(
            expiry(document.members["Expiration"], source=source) if has_end else None
        ),
        account_id=document.text("AccountId"),
    )


def expiry(value: object, *, source: str) -> datetime:
    """Return the time that *value* names: ISO 8601, or seconds since the epoch.

    Raises:
        CredentialsError: It names none; it is not shown, for it may be anything.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            named = datetime.fromisoformat(value.removesuffix("UTC"))
            return named if named.tzinfo else named.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    del value  # which a traceback that shows local variables would show
    message = (
        f"{source} gave an expiry that is no time; right would be one such as "
        "2030-01-31T12:00:00Z, or seconds since the epoch"
    )
    raise CredentialsError(message)


def said(text: object) -> str:
    """Return what a service says of its refusal, cut, and without a session token."""
    if not isinstance(text, str):
        return "it does not say why"
    return without_session_token(text[:_MOST_SAID])


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
