"""Who a request is signed for, and by which scheme."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from attrs import field, frozen

from sagemaker_rt.errors import CredentialsError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["AnonymousCredentials", "AuthScheme", "Credentials", "Token"]


# what stands for bytes that were no UTF-8
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@frozen(cache_hash=True)
class Credentials:
    """An AWS access key pair, with the session token of temporary credentials.

    The repr shows the key id alone, and pickling is refused, so that a secret does
    not leave the process by accident.

    Raises:
        CredentialsError: A part of the pair is empty, a part has characters that none
            has, or the expiry has no time zone.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = field(default=None, kw_only=True)
    """When the service stops accepting them (aware); None means never."""
    account_id: str | None = field(default=None, kw_only=True)
    """The account that they belong to; kept for whoever asks, and never sent."""

    def __attrs_post_init__(self) -> None:
        if not self.access_key_id or not self.secret_access_key:
            missing = "access_key_id" if not self.access_key_id else "secret_access_key"
            message = f"{missing} is empty; credentials need both halves of the pair"
            raise CredentialsError(message)
        for name in ("access_key_id", "session_token"):
            if not _is_line(getattr(self, name) or ""):
                message = f"{name} is no line of ASCII, which each of them is"
                raise CredentialsError(message)
        if not _is_text(self.secret_access_key):
            message = "secret_access_key is no text that UTF-8 could hold"
            raise CredentialsError(message)
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            message = f"expires_at must know its time zone: {self.expires_at!r}"
            raise CredentialsError(message)

    def __reduce__(self) -> NoReturn:
        message = (
            "credentials hold a secret and do not pickle; "
            "pass a provider, or let the other process find its own"
        )
        raise TypeError(message)


@frozen(cache_hash=True)
class Token:
    """A bearer token: whoever has it may call.

    The repr shows its end alone, and pickling is refused, so that it does not leave the
    process by accident.

    Raises:
        CredentialsError: The token is empty, or the expiry has no time zone.
    """

    token: str = field(repr=False)
    expires_at: datetime | None = field(default=None, kw_only=True)
    """When the service stops accepting it (aware); None means never."""

    def __attrs_post_init__(self) -> None:
        if not self.token:
            message = "the token is empty"
            raise CredentialsError(message)
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            message = f"expires_at must know its time zone: {self.expires_at!r}"
            raise CredentialsError(message)

    def __reduce__(self) -> NoReturn:
        message = (
            "a token is a secret and does not pickle; "
            "pass a provider, or let the other process find its own"
        )
        raise TypeError(message)


def _is_line(value: object) -> bool:
    """Tell whether a header can have *value*."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _is_text(value: object) -> bool:
    """Tell whether *value* can be signed with; bytes of an environment may be none."""
    return isinstance(value, str) and not _LONE_SURROGATE.search(value)


@frozen
class AnonymousCredentials:
    """In the place of credentials: the caller has none, and requests go unsigned."""


@frozen
class AuthScheme:
    """How a request proves who sends it."""

    id: str
    """As Smithy names it: ``aws.auth#sigv4``, ``smithy.api#noAuth``."""
    signing_name: str | None = None
    """The service to sign for."""
    signing_region: str | None = None
    """The region to sign for."""
