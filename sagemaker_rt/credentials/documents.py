"""Parsing of the JSON documents that hold credentials.

Nothing of a document is shown in an error, and a local variable that holds one is
deleted before raising: tracebacks may be printed with their local variables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from attrs import field, frozen

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.redaction import without_session_token
from sagemaker_rt.sansio.timestamps import parse_timestamp

__all__ = [
    "Document",
    "parse_credentials",
    "parse_expiry",
    "parse_json_object",
    "service_message",
]

_MAX_MESSAGE: Final = 4096  # characters


@frozen
class Document:
    """A JSON object that may hold secrets, which are hidden in the repr."""

    members: Mapping[str, object] = field(repr=False)

    def text(self, name: str) -> str | None:
        """Return the member *name* if it is a string and not empty, else None."""
        value = self.members.get(name)
        return value if isinstance(value, str) and value else None

    def object(self, name: str) -> Document:
        """Return the member *name* if it is an object, else an empty document."""
        value = self.members.get(name)
        return Document(value if isinstance(value, dict) else {})


def parse_json_object(data: bytes, *, source: str) -> Document:
    """Return the JSON object in *data*.

    Args:
        source: The name of the sender or the file, for errors.

    Raises:
        CredentialsError: *data* is not a JSON object.
    """
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        message = f"{source}: {len(data)} bytes are not a JSON object"
        del data, document  # secrets
        raise CredentialsError(message)
    return Document(document)


def parse_credentials(
    document: Document, token_name: str, *, source: str
) -> Credentials:
    """Return the credentials in *document*.

    Args:
        token_name: The member that holds the session token: ``Token`` or
            ``SessionToken``.
        source: The name of the sender, for errors.

    Raises:
        CredentialsError: A member is missing or invalid.
    """
    required = ("AccessKeyId", "SecretAccessKey")
    missing = [name for name in required if not document.text(name)]
    if missing:
        message = f"{source}: {' and '.join(missing)} missing"
        raise CredentialsError(message)
    for name in (*required, token_name):
        if not _is_key_text(document.text(name) or ""):
            message = (
                f"{source}: {name} is invalid, expected printable ASCII without spaces"
            )
            raise CredentialsError(message)
    has_expiry = document.members.get("Expiration") is not None
    return Credentials(
        document.text("AccessKeyId") or "",
        document.text("SecretAccessKey") or "",
        document.text(token_name),
        expires_at=(
            parse_expiry(document.members["Expiration"], source=source)
            if has_expiry
            else None
        ),
        account_id=document.text("AccountId"),
    )


def parse_expiry(value: object, *, source: str) -> datetime:
    """Return the time in *value*: text as in `parse_timestamp`, or epoch seconds.

    Args:
        source: The name of the sender or the variable, for errors.

    Raises:
        CredentialsError: *value* is not a time.
    """
    try:
        # a bool is an int for Python, but a mistake here
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return parse_timestamp(value)
    except (ValueError, OverflowError, OSError):
        pass
    del value  # a broken document may have a secret in this place
    message = (
        f"{source}: the expiry is invalid, expected a time such as "
        "2030-01-31T12:00:00Z, or seconds since the epoch"
    )
    raise CredentialsError(message)


def service_message(text: object) -> str:
    """Return the error message of a service, shortened and without session tokens."""
    if not isinstance(text, str):
        return "no error message"
    return without_session_token(text[:_MAX_MESSAGE])


def _is_key_text(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
