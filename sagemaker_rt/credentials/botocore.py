"""Credentials of a botocore or boto3 session, asked in a thread: it blocks."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import Clock

__all__ = ["BotocoreCredentials"]


_GOOD_FOR: Final = timedelta(minutes=10)


class _Frozen(Protocol):
    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def token(self) -> str | None: ...


class _Source(Protocol):
    def get_frozen_credentials(self) -> _Frozen: ...


class _Session(Protocol):
    def get_credentials(self) -> _Source | None: ...


class BotocoreCredentials:
    """What *session* would sign with.

    botocore renews its credentials itself, ten minutes before they end at the latest,
    and does not tell when that is: they are asked for anew after five minutes.

    Args:
        session: A ``botocore.session.Session`` or ``boto3.Session``.
    """

    def __init__(self, session: _Session, *, clock: Clock = time.time) -> None:
        self._session = session
        self._clock = clock

    def __repr__(self) -> str:
        return "BotocoreCredentials()"

    async def retrieve(self) -> Credentials:
        """Return what the session has now.

        Raises:
            CredentialsError: It has none, or failed to renew them.
        """
        return await asyncio.to_thread(self._retrieve)

    def _retrieve(self) -> Credentials:
        try:
            source = self._session.get_credentials()
            found = None if source is None else source.get_frozen_credentials()
        except Exception as error:
            message = f"the botocore session failed: {type(error).__name__}: {error}"
            raise CredentialsError(message) from error
        if found is None:
            message = "the botocore session has no credentials"
            raise CredentialsError(message)
        end = datetime.fromtimestamp(self._clock(), UTC) + _GOOD_FOR
        return Credentials(
            found.access_key, found.secret_key, found.token, expires_at=end
        )
