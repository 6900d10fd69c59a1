"""Credentials in a profile of the shared files."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.shared_config import Property, Section

__all__ = ["SharedFileCredentials"]

_KEY_ID: Final = "aws_access_key_id"
_SECRET: Final = "aws_secret_access_key"  # noqa: S105 - the name of a property
_TOKENS: Final = ("aws_security_token", "aws_session_token")


class SharedFileCredentials:
    """``aws_access_key_id``, ``aws_secret_access_key`` and ``aws_session_token``.

    ``aws_security_token``, the older name of the token, takes precedence, as in
    botocore.

    Args:
        section: The properties of the profile.
        profile: The name of the profile, for errors.
    """

    def __init__(self, section: Section, profile: str) -> None:
        self._section = section
        self._profile = profile

    def __repr__(self) -> str:
        return f"SharedFileCredentials(profile={self._profile!r})"

    @staticmethod
    def is_configured(section: Section) -> bool:
        """Return whether *section* has either half of a key pair."""
        return bool(_property(section, _KEY_ID) or _property(section, _SECRET))

    async def retrieve(self) -> Credentials:
        """Return the credentials in the profile.

        Raises:
            CredentialsError: One half of the key pair is missing.
        """
        key_id = _property(self._section, _KEY_ID)
        secret = _property(self._section, _SECRET)
        if not key_id or not secret:
            missing, present = (_SECRET, key_id) if key_id else (_KEY_ID, secret)
            where = f" (the other half is in {present.where})" if present else ""
            message = f"profile {self._profile!r} has no {missing}{where}"
            raise CredentialsError(message)
        old, new = (_property(self._section, name) for name in _TOKENS)
        token = old or new
        account = _property(self._section, "aws_account_id")
        return Credentials(
            key_id.value,
            secret.value,
            None if token is None else token.value,
            account_id=None if account is None else account.value,
        )


def _property(section: Section, name: str) -> Property | None:
    """Return the property *name*; None if it is missing or empty."""
    found = section.get(name)
    return found if found is not None and found.value else None
