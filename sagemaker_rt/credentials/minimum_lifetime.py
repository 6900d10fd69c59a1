"""Credentials for calls that take long, which are renewed if they would expire."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.interfaces import Clock, CredentialsStore
from sagemaker_rt.sansio.checked_clock import checked_clock

__all__ = ["MinimumLifetime"]


class MinimumLifetime:
    """A store of credentials that remain valid for *seconds*, as far as *store* can.

    Credentials that expire sooner are renewed once. If the provider has none that last
    longer, or fails, they are used.
    """

    def __init__(self, store: CredentialsStore, clock: Clock, seconds: float) -> None:
        self._store: Final = store
        self._now: Final = checked_clock(clock)
        self._seconds: Final = seconds
        self._tried: str | None = None
        """The access key id of credentials whose renewal was tried."""

    @property
    def can_renew(self) -> bool:
        """Whether `renew` may return other credentials."""
        return self._store.can_renew

    def peek(self) -> Credentials | None:
        """Return cached credentials that last long enough, or cannot be renewed."""
        cached = self._store.peek()
        return None if cached is not None and self._is_short(cached) else cached

    async def retrieve(self) -> Credentials:
        """Return credentials that are valid now.

        Raises:
            CredentialsError: There are none, or they could not be retrieved.
        """
        credentials = await self._store.retrieve()
        if not self._is_short(credentials):
            return credentials
        try:
            renewed = await self._store.renew(credentials)
        except CredentialsError:
            renewed = None  # those that were retrieved are valid
        renewed = renewed or credentials
        self._tried = renewed.access_key_id
        return renewed

    async def renew(self, rejected: Credentials) -> Credentials | None:
        """Return credentials to replace *rejected*, or None if there are none.

        Raises:
            CredentialsError: They could not be retrieved.
        """
        return await self._store.renew(rejected)

    def _is_short(self, credentials: Credentials) -> bool:
        """Return whether *credentials* expire too soon, and may be renewed."""
        if credentials.expires_at is None or not self._store.can_renew:
            return False
        lifetime = credentials.expires_at.timestamp() - self._now()
        return lifetime < self._seconds and credentials.access_key_id != self._tried
