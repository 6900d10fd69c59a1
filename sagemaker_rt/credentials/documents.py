"""Credentials as JSON documents: of processes, containers and instances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

__all__ = ["expiry", "json_object", "read_credentials"]


def json_object(text: bytes, *, source: str) -> dict[str, object]:
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
    return document


def read_credentials(
    document: Mapping[str, object], token: str, *, source: str
) -> Credentials:
    """Return the credentials that *document* holds.

    Args:
        token: What the session token's member is called.

    Raises:
        CredentialsError: A member is missing, or of a wrong type.
    """
    wanted = ("AccessKeyId", "SecretAccessKey")
    missing = [name for name in wanted if not _text(document, name)]
    if missing:
        message = f"{source} gave no {' and no '.join(missing)}"
        raise CredentialsError(message)
    end = document.get("Expiration")
    return Credentials(
        _text(document, "AccessKeyId") or "",
        _text(document, "SecretAccessKey") or "",
        _text(document, token),
        expires_at=None if end is None else expiry(end, source=source),
        account_id=_text(document, "AccountId"),
    )


def expiry(value: object, *, source: str) -> datetime:
    """Return the time that *value* names: ISO 8601, or seconds since the epoch.

    Raises:
        CredentialsError: It names none.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            named = datetime.fromisoformat(value.removesuffix("UTC"))
            return named if named.tzinfo else named.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    message = f"{source} gave an expiry that is no time: {value!r}"
    raise CredentialsError(message)


def _text(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) and value else None
