"""Fixed credentials, and fixed tokens."""

from __future__ import annotations

from attrs import field, frozen

from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.identity import Credentials, Token

__all__ = ["StaticCredentials", "StaticTokenProvider"]


@frozen(eq=False, repr=False)
class StaticCredentials(FrozenValue):
    """Provides *credentials*, which are never renewed.

    Two providers are equal if they hold the same object, so that comparing them never
    compares secrets.
    """

    credentials: Credentials = field(eq=id)

    @property
    def can_renew(self) -> bool:
        """Return False."""
        return False

    def peek(self) -> Credentials:
        """Return the credentials."""
        return self.credentials

    async def retrieve(self) -> Credentials:
        """Return the credentials."""
        return self.credentials

    async def renew(self, rejected: Credentials) -> Credentials | None:  # noqa: ARG002 - a parameter of the protocol
        """Return None: these are the only credentials."""
        return None


def _to_token(token: str | Token) -> Token:
    return Token(token) if isinstance(token, str) else token


@frozen(eq=False, repr=False)
class StaticTokenProvider(FrozenValue):
    """Provides the bearer *token*, which is never renewed.

    Args:
        token: A token, or its text. A `Token` may have an expiry.

    Raises:
        CredentialsError: The text is empty.
    """

    token: Token = field(converter=_to_token)

    async def retrieve(self) -> Token:
        """Return the token."""
        return self.token
