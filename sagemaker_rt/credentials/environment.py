"""Credentials in environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["EnvironmentCredentials"]

_KEY_ID: Final = "AWS_ACCESS_KEY_ID"
_SECRET: Final = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a variable
_TOKEN: Final = "AWS_SESSION_TOKEN"  # noqa: S105 - the name of a variable
_OLD_TOKEN: Final = "AWS_SECURITY_TOKEN"  # noqa: S105 - the name of a variable
_ACCOUNT: Final = "AWS_ACCOUNT_ID"
_EXPIRATION: Final = "AWS_CREDENTIAL_EXPIRATION"


class EnvironmentCredentials:
    """``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and ``AWS_SESSION_TOKEN``.

    The variables are read at each call of `retrieve`; a blank one counts as unset.
    ``AWS_SECURITY_TOKEN``, the older name of the token, takes precedence, as in
    botocore. ``AWS_CREDENTIAL_EXPIRATION`` is the time when the credentials expire.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __repr__(self) -> str:
        return "EnvironmentCredentials()"

    async def retrieve(self) -> Credentials:
        """Return the credentials in the environment.

        Raises:
            CredentialsError: One half of the key pair is missing, or the expiry is
                invalid.
        """
        key_id, secret = self._variable(_KEY_ID), self._variable(_SECRET)
        missing = [
            name for name, value in ((_KEY_ID, key_id), (_SECRET, secret)) if not value
        ]
        if not key_id or not secret:
            message = (
                f"{' and '.join(missing)} not set in the environment; set both halves "
                "of the key pair, or pass credentials=…"
            )
            raise CredentialsError(message)
        return Credentials(
            key_id,
            secret,
            self._variable(_OLD_TOKEN) or self._variable(_TOKEN),
            expires_at=self._expiry(),
            account_id=self._variable(_ACCOUNT),
        )

    def _expiry(self) -> datetime | None:
        value = self._variable(_EXPIRATION)
        if value is None:
            return None
        from sagemaker_rt.credentials.documents import (  # noqa: PLC0415 - rarely set, and json is slow to import
            parse_expiry,
        )

        return parse_expiry(value, source=f"environment variable {_EXPIRATION}")

    def _variable(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None
