"""Credentials and tokens that sign requests, and the schemes that use them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NoReturn

from attrs import field, frozen

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.frozen_value import FrozenValue

__all__ = ["AnonymousCredentials", "AuthScheme", "Credentials", "Token"]


# os.environ decodes bytes that are not UTF-8 to these
_LONE_SURROGATE: Final = "[\ud800-\udfff]"


@frozen(cache_hash=True)
class Credentials:
    """An AWS access key, and the session token if it is temporary.

    The repr omits the secrets, and pickling raises `TypeError`, so that no secret
    leaves the process by accident.

    Raises:
        CredentialsError: The key ID or the secret is empty, a value has characters that
            cannot be sent or signed, or the expiry is not a `datetime` with a time
            zone.
    """

    access_key_id: str
    """The access key ID, such as ``AKIDEXAMPLE``."""
    secret_access_key: str = field(repr=False)
    """The secret access key, which signs requests and is never sent."""
    session_token: str | None = field(default=None, repr=False)
    """The session token of temporary credentials, sent with each request."""
    expires_at: datetime | None = field(default=None, kw_only=True)
    """The expiry, a `datetime` with a time zone; None if they do not expire."""
    account_id: str | None = field(default=None, kw_only=True)
    """The AWS account; for information only, it is never sent."""

    def __attrs_post_init__(self) -> None:
        if not self.access_key_id or not self.secret_access_key:
            missing = "access_key_id" if not self.access_key_id else "secret_access_key"
            message = f"{missing} is empty; set access_key_id and secret_access_key"
            raise CredentialsError(message)
        for name in ("access_key_id", "session_token"):
            if not _is_header_text(getattr(self, name) or ""):
                message = f"{name} must be printable ASCII text"
                raise CredentialsError(message)
        if not _is_encodable(self.secret_access_key):
            message = "secret_access_key must be text that UTF-8 can encode"
            raise CredentialsError(message)
        _require_expiry(self.expires_at)

    def __reduce__(self) -> NoReturn:
        message = (
            "credentials are secret and cannot be pickled; "
            "pickle a provider, or use the default chain in the other process"
        )
        raise TypeError(message)


@frozen(cache_hash=True)
class Token:
    """A bearer token, which authenticates requests without a signature.

    The repr omits the token, and pickling raises `TypeError`, so that it does not leave
    the process by accident.

    Raises:
        CredentialsError: The token is empty or has characters that cannot be sent, or
            the expiry is not a `datetime` with a time zone.
    """

    token: str = field(repr=False)
    """The text that is sent in the header ``Authorization``."""
    expires_at: datetime | None = field(default=None, kw_only=True)
    """The expiry, a `datetime` with a time zone; None if it does not expire."""

    def __attrs_post_init__(self) -> None:
        if not self.token:
            message = "token is empty"
            raise CredentialsError(message)
        if not _is_header_text(self.token):
            message = "token must be printable ASCII text"
            raise CredentialsError(message)
        _require_expiry(self.expires_at)

    def __reduce__(self) -> NoReturn:
        message = (
            "tokens are secret and cannot be pickled; "
            "pickle a provider, or use the default chain in the other process"
        )
        raise TypeError(message)


def _require_expiry(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, datetime):
        message = f"expires_at must be a datetime with a time zone: {value!r}"
        raise CredentialsError(message)
    if value.tzinfo is None:
        message = f"expires_at must have a time zone: {value!r}"
        raise CredentialsError(message)


def _is_header_text(value: object) -> bool:
    """Return whether *value* can be sent in a header."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _is_encodable(value: object) -> bool:
    """Return whether *value* can be encoded, to be used as a signing key."""
    return isinstance(value, str) and (
        value.isascii() or not re.search(_LONE_SURROGATE, value)
    )


@frozen(eq=False, repr=False)
class AnonymousCredentials(FrozenValue):
    """A value for the option ``credentials`` that leaves requests unsigned."""


@frozen(eq=False, repr=False)
class AuthScheme(FrozenValue):
    """An authentication scheme, with the service and the region to sign for."""

    id: str
    """The Smithy ID, such as ``aws.auth#sigv4`` or ``smithy.api#noAuth``."""
    signing_name: str | None = None
    """The service name in the signature; None for that of the client."""
    signing_region: str | None = None
    """The region in the signature; None for that of the client."""
