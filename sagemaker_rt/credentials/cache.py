"""What stands in front of a provider, so that it is seldom asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import Clock, CredentialsProvider

__all__ = ["CredentialsCache"]

# Nobody signs with a set that may expire on its way to the service.
_REFRESH_BEFORE: Final = timedelta(minutes=1)


class CredentialsCache:
    """Keep what *provider* answered until one minute before it expires.

    However many calls need a new set at once, the provider is asked by one of them, and
    the others wait. If that one is cancelled, the next of them asks.
    """

    def __init__(self, provider: CredentialsProvider, clock: Clock) -> None:
        self.provider: Final = provider
        self.clock: Final = clock
        self._current: Credentials | None = None
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def can_renew(self) -> bool:
        """Say that the provider may have another set."""
        return True

    def peek(self) -> Credentials | None:
        """Return what is kept, if it is good for another minute."""
        current = self._current
        return None if current is None or self._is_stale(current) else current

    async def retrieve(self) -> Credentials:
        """Return credentials that are good for another minute.

        Raises:
            CredentialsError: The provider has none, or failed, or answers with
                something else.
        """
        if (current := self.peek()) is not None:
            return current
        async with self._refresh_lock():
            if (current := self.peek()) is None:
                current = _require(await self.provider.retrieve(), self.provider)
                self._current = current
            return current

    async def renew(self, rejected: Credentials) -> Credentials | None:
        """Return credentials with another key than *rejected*, or None.

        Raises:
            CredentialsError: As `retrieve`; what is kept stays.
        """
        async with self._refresh_lock():
            if self._current is None or self._current is rejected:
                self._current = _require(await self.provider.retrieve(), self.provider)
            current = self._current
        is_other = current.access_key_id != rejected.access_key_id
        return current if is_other else None

    def _is_stale(self, credentials: Credentials) -> bool:
        expires_at = credentials.expires_at
        if expires_at is None:
            return False
        now = datetime.fromtimestamp(self.clock(), UTC)
        return expires_at - now < _REFRESH_BEFORE

    def _refresh_lock(self) -> asyncio.Lock:
        """Return the lock of the running loop: a client may outlive its first one."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._lock = loop, asyncio.Lock()
        return self._lock


def _require(found: object, provider: CredentialsProvider) -> Credentials:
    """Return *found*, which a caller's provider returned."""
    if isinstance(found, Credentials):
        return found
    message = (
        f"{type(provider).__name__}.retrieve() returned {type(found).__name__}; "
        "it should return Credentials, or raise CredentialsError"
    )
    raise CredentialsError(message)
