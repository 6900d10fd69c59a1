"""Credentials in a profile of the shared files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.errors import CredentialsError, SharedConfigError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.shared_config import Property, Section, parse

__all__ = ["SharedFileCredentials"]

_KEY_ID: Final = "aws_access_key_id"
_SECRET: Final = "aws_secret_access_key"  # noqa: S105 - the name of a property
_TOKENS: Final = ("aws_security_token", "aws_session_token")


class SharedFileCredentials:
    """``aws_access_key_id``, ``aws_secret_access_key`` and ``aws_session_token``.

    ``aws_security_token``, the older name of the token, takes precedence, as in
    botocore.

    The first retrieval returns the credentials in *section*. The next ones read its
    files again, since keys are retrieved again after the service refused them.

    Args:
        section: The properties of the profile.
        profile: The name of the profile.
    """

    def __init__(self, section: Section, profile: str) -> None:
        self._section = section
        self._profile: Final = profile
        keys = {p.file for name in (_KEY_ID, _SECRET) if (p := section.get(name))}
        files = {p.file for p in section.values()}
        # the file with the keys is the last one: it has precedence
        self._files: Final = sorted(files, key=keys.__contains__)
        self._has_retrieved = False

    def __repr__(self) -> str:
        return f"SharedFileCredentials(profile={self._profile!r})"

    @staticmethod
    def is_configured(section: Section) -> bool:
        """Return whether *section* has either half of a key pair."""
        return bool(_property(section, _KEY_ID) or _property(section, _SECRET))

    async def retrieve(self) -> Credentials:
        """Return the credentials in the profile.

        Raises:
            CredentialsError: One half of the key pair is missing, or a file cannot be
                read again.
        """
        if self._has_retrieved:
            found = await in_thread(_read_again, self._files, self._profile)
            self._section = self._section if found is None else found
        self._has_retrieved = True
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


def _read_again(files: Iterable[str], profile: str) -> Section | None:
    """Return the properties of *profile* in *files*; None if a file is missing.

    The section may have been made without a file.

    Raises:
        CredentialsError: A file cannot be read or parsed.
    """
    found: dict[str, Property] = {}
    for path in files:
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - importing pathlib is slow
                text = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not valid UTF-8"
            message = f"{path} cannot be read: {reason}"
            raise CredentialsError(message) from None
        found |= _profile_in(text, path, profile)
    return found


def _profile_in(text: str, path: str, profile: str) -> Section:
    try:
        # titles in the two files differ, and the other one's are skipped
        as_config = parse(text, kind="config", file=path).find(profile)
        as_credentials = parse(text, kind="credentials", file=path).find(profile)
    except SharedConfigError as error:
        raise CredentialsError(str(error)) from None
    return (as_credentials if as_config is None else as_config) or {}
