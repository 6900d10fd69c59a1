"""Credentials of a botocore or boto3 session."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from sagemaker_rt.blocking import in_thread
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import Clock

__all__ = ["BotocoreCredentials"]


# The cache refreshes these five minutes before, that is, after five minutes. botocore
# refreshes its own ten minutes before they expire at the latest.
_LIFETIME: Final = timedelta(minutes=10)


class _FrozenCredentials(Protocol):
    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def token(self) -> str | None: ...


class _BotocoreProvider(Protocol):
    def get_frozen_credentials(self) -> _FrozenCredentials: ...


class _Session(Protocol):
    def get_credentials(self) -> _BotocoreProvider | None: ...


class BotocoreCredentials:
    """The credentials that *session* would sign with.

    botocore blocks, so it is called in a thread. It refreshes its credentials itself
    and does not say when they expire: it is called again after five minutes.

    Args:
        session: A ``botocore.session.Session`` or ``boto3.Session``.
    """

    def __init__(self, session: _Session, *, clock: Clock = time.time) -> None:
        self._session = session
        self._clock = clock

    def __repr__(self) -> str:
        return "BotocoreCredentials()"

    async def retrieve(self) -> Credentials:
        """Return the current credentials of the session.

        Raises:
            CredentialsError: The session has none, or failed to refresh them.
        """
        return await in_thread(self._retrieve)

    def _retrieve(self) -> Credentials:
        try:
            provider = self._session.get_credentials()
            found = None if provider is None else provider.get_frozen_credentials()
        except Exception as error:
            message = f"the botocore session failed: {type(error).__name__}: {error}"
            raise CredentialsError(message) from error
        if found is None:
            message = "the botocore session has no credentials"
            raise CredentialsError(message)
        expiry = datetime.fromtimestamp(self._clock(), UTC) + _LIFETIME
        return Credentials(
            found.access_key, found.secret_key, found.token, expires_at=expiry
        )
