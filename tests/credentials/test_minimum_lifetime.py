from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sagemaker_rt.credentials.cache import CredentialsCache
from sagemaker_rt.credentials.minimum_lifetime import MinimumLifetime
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.identity import Credentials
from tests.doubles import ManualClock

ENOUGH = 31 * 60.0


class Provider:
    """A provider of credentials that last for an hour, unless it fails."""

    def __init__(self, clock: ManualClock) -> None:
        self.count = 0
        self.error: CredentialsError | None = None
        self.lifetime = timedelta(hours=1)
        self._clock = clock

    async def retrieve(self) -> Credentials:
        self.count += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        expires_at = datetime.fromtimestamp(self._clock(), UTC) + self.lifetime
        return Credentials(f"AKID{self.count}", "a-secret", expires_at=expires_at)


class Rig:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.provider = Provider(self.clock)
        self.cache = CredentialsCache(self.provider, self.clock)
        self.store = MinimumLifetime(self.cache, self.clock, ENOUGH)

    async def keys(self, calls: int = 1) -> list[str]:
        """Return the key ids that concurrent calls get."""
        found = await asyncio.gather(*(self.store.retrieve() for _ in range(calls)))
        return [credentials.access_key_id for credentials in found]


async def test_credentials_are_renewed_only_if_they_expire_too_soon() -> None:
    rig = Rig()

    first = await rig.keys(2)
    rig.clock.advance(29 * 60)
    same, cached = await rig.keys(2), rig.store.peek()
    rig.clock.advance(1 + 60)
    peeked = rig.store.peek()
    renewed = await rig.keys(3)

    assert ["AKID1"] * 2 == first == same
    assert cached is not None
    assert peeked is None
    assert (["AKID2"] * 3, 2) == (renewed, rig.provider.count)


async def test_those_that_cannot_last_longer_are_renewed_once() -> None:
    rig = Rig()
    rig.provider.lifetime = timedelta(minutes=30)

    assert [["AKID2"], ["AKID2"]] == [await rig.keys(), await rig.keys()]
    assert 2 == rig.provider.count


async def test_a_provider_that_fails_is_called_once_and_the_credentials_are_used() -> (
    None
):
    rig = Rig()
    await rig.keys()
    rig.clock.advance(40 * 60)
    rig.provider.error = CredentialsError("unreachable")

    assert [["AKID1"], ["AKID1"]] == [await rig.keys(), await rig.keys()]
    assert 2 == rig.provider.count


async def test_a_cancelled_renewal_is_tried_again() -> None:
    rig = Rig()
    await rig.keys()
    rig.clock.advance(40 * 60)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await rig.keys()

    assert ["AKID2"] == await rig.keys()


async def test_fixed_credentials_are_used_until_they_expire() -> None:
    clock = ManualClock()
    soon = datetime.fromtimestamp(clock(), UTC) + timedelta(minutes=1)
    fixed = Credentials("AKID", "a-secret", expires_at=soon)
    store = MinimumLifetime(StaticCredentials(fixed), clock, ENOUGH)

    assert (fixed, fixed) == (store.peek(), await store.retrieve())
    assert (False, None) == (store.can_renew, await store.renew(fixed))


async def test_credentials_that_the_service_rejects_are_renewed() -> None:
    rig = Rig()
    first = await rig.store.retrieve()

    renewed = await rig.store.renew(first)

    assert renewed is not None
    assert (True, "AKID2") == (rig.store.can_renew, renewed.access_key_id)
