from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sagemaker_rt.credentials.cache import CredentialsCache, TokenCache
from sagemaker_rt.errors import CredentialsError, OptionsError
from sagemaker_rt.identity import Credentials, Token
from tests.doubles import ManualClock

HOUR = timedelta(hours=1)


class Provider:
    """A provider that counts its calls; its credentials last for *lifetime*."""

    def __init__(self, clock: ManualClock, lifetime: timedelta | None = HOUR) -> None:
        self.count = 0
        self._clock = clock
        self._lifetime = lifetime

    async def retrieve(self) -> Credentials:
        self.count += 1
        await asyncio.sleep(0)
        expires_at = None
        if self._lifetime is not None:
            expires_at = datetime.fromtimestamp(self._clock(), UTC) + self._lifetime
        return Credentials(f"AKID{self.count}", "a-secret", expires_at=expires_at)


class Gate:
    """A provider that returns when `opened` is set."""

    def __init__(self) -> None:
        self.count = 0
        self.opened = asyncio.Event()

    async def retrieve(self) -> Credentials:
        self.count += 1
        await self.opened.wait()
        return Credentials(f"AKID{self.count}", "a-secret")


async def all_are_waiting() -> None:
    """Run all tasks up to where they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_credentials_that_do_not_expire_are_retrieved_once() -> None:
    clock = ManualClock()
    provider = Provider(clock, lifetime=None)
    cache = CredentialsCache(provider, clock)

    first = await cache.retrieve()
    clock.advance(1e9)

    assert first is await cache.retrieve()
    assert 1 == provider.count


@pytest.mark.parametrize(
    ("lifetime", "window"),
    [(10, 5), (20, 5), (20.1, 15), (60, 15), (89.9, 15), (90, 60), (720, 60)],
)
@pytest.mark.parametrize(("before", "count"), [(0.001, 1), (-0.001, 2), (-9e9, 2)])
async def test_credentials_are_cached_until_the_advisory_window(
    lifetime: float, window: float, before: float, count: int
) -> None:
    """Lifetime and window are in minutes, *before* is in seconds."""
    clock = ManualClock()
    provider = Provider(clock, timedelta(minutes=lifetime))
    cache = CredentialsCache(provider, clock)
    await cache.retrieve()

    clock.advance(60 * (lifetime - window) - before)
    credentials = await cache.retrieve()

    assert (count, f"AKID{count}") == (provider.count, credentials.access_key_id)


async def test_peek_returns_cached_credentials() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)

    assert cache.peek() is None
    credentials = await cache.retrieve()

    assert credentials is cache.peek()
    clock.advance(HOUR.total_seconds() - 899)
    assert cache.peek() is None
    assert 1 == provider.count


async def test_credentials_in_the_mandatory_window_are_retrieved_each_time() -> None:
    clock = ManualClock()
    provider = Provider(clock, timedelta(seconds=30))
    cache = CredentialsCache(provider, clock)

    ids = [(await cache.retrieve()).access_key_id for _ in range(3)]

    assert ["AKID1", "AKID2", "AKID3"] == ids


async def test_concurrent_calls_share_one_retrieval() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)

    for round in (1, 2):
        found = await asyncio.gather(*(cache.retrieve() for _ in range(1000)))

        assert {f"AKID{round}"} == {credentials.access_key_id for credentials in found}
        assert round == provider.count
        clock.advance(HOUR.total_seconds())


async def test_cancelling_the_call_that_started_the_retrieval_does_not_end_it() -> None:
    gate = Gate()
    cache = CredentialsCache(gate, ManualClock())
    first, *waiting = (asyncio.create_task(cache.retrieve()) for _ in range(4))
    await all_are_waiting()

    first.cancel()
    await all_are_waiting()
    gate.opened.set()
    found = await asyncio.gather(*waiting)

    assert first.cancelled()
    assert {"AKID1"} == {credentials.access_key_id for credentials in found}
    assert 1 == gate.count


async def test_cancelling_all_calls_cancels_the_retrieval() -> None:
    gate = Gate()
    cache = CredentialsCache(gate, ManualClock())
    before = asyncio.all_tasks()
    callers = [asyncio.create_task(cache.retrieve()) for _ in range(4)]
    await all_are_waiting()

    for caller in callers:
        caller.cancel()
    await all_are_waiting()

    assert all(caller.cancelled() for caller in callers)
    assert before == asyncio.all_tasks()
    gate.opened.set()
    assert "AKID2" == (await cache.retrieve()).access_key_id


async def test_cancelling_a_waiting_call_does_not_affect_the_others() -> None:
    gate = Gate()
    cache = CredentialsCache(gate, ManualClock())
    first, leaving, waiting = (asyncio.create_task(cache.retrieve()) for _ in range(3))
    await all_are_waiting()

    leaving.cancel()
    await all_are_waiting()
    gate.opened.set()

    assert await first is await waiting
    assert leaving.cancelled()
    assert 1 == gate.count


async def test_a_failure_is_cached_for_some_seconds() -> None:
    class Recovering(Provider):
        async def retrieve(self) -> Credentials:
            credentials = await super().retrieve()
            if self.count == 1:
                message = "the provider fails"
                raise CredentialsError(message)
            return credentials

    clock = ManualClock()
    provider = Recovering(clock)
    cache = CredentialsCache(provider, clock, chance=lambda: 0.5)
    raised: list[CredentialsError] = []

    for _ in range(100):
        with pytest.raises(CredentialsError, match="the provider fails") as caught:
            await cache.retrieve()
        raised.append(caught.value)

    assert 1 == provider.count
    assert 100 == len({id(error) for error in raised})
    clock.advance(2.999)
    with pytest.raises(CredentialsError):
        await cache.retrieve()
    clock.advance(0.001)
    assert "AKID2" == (await cache.retrieve()).access_key_id


async def test_a_result_of_another_type_is_an_error() -> None:
    class Boto:
        async def retrieve(self) -> Credentials:
            return ("AKID", "a-secret")  # type: ignore[return-value] # what is tested

    cache = CredentialsCache(Boto(), ManualClock())

    with pytest.raises(CredentialsError) as caught:
        await cache.retrieve()

    assert "Boto.retrieve() returned tuple" in str(caught.value)


def test_cached_credentials_outlive_the_event_loop() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)

    async def fetch(callers: int) -> set[str]:
        found = await asyncio.gather(*(cache.retrieve() for _ in range(callers)))
        return {credentials.access_key_id for credentials in found}

    first, second = asyncio.run(fetch(10)), asyncio.run(fetch(10))
    clock.advance(HOUR.total_seconds())
    third = asyncio.run(fetch(10))

    assert [{"AKID1"}, {"AKID1"}, {"AKID2"}] == [first, second, third]
    assert 2 == provider.count


def test_a_retrieval_of_a_closed_loop_does_not_block_the_next_one() -> None:
    cache = CredentialsCache(Provider(ManualClock()), ManualClock())

    async def give_up() -> None:
        callers = [asyncio.create_task(cache.retrieve()) for _ in range(3)]
        await asyncio.sleep(0)
        for caller in callers:
            caller.cancel()

    asyncio.run(give_up())
    credentials = asyncio.run(cache.retrieve())

    assert "AKID2" == credentials.access_key_id


def test_a_cache_has_its_provider_and_clock() -> None:
    clock = ManualClock()
    provider = Provider(clock)

    cache = CredentialsCache(provider, clock)

    assert (provider, clock) == (cache.provider, cache.clock)


async def test_rejected_credentials_are_renewed_once_for_all_calls() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)
    old = await cache.retrieve()

    renewed = await asyncio.gather(*(cache.renew(old) for _ in range(1000)))

    assert cache.can_renew
    assert 2 == provider.count
    assert {"AKID2"} == {found.access_key_id for found in renewed if found is not None}
    assert renewed[0] is cache.peek()


async def test_renewing_older_credentials_returns_the_cached_ones() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)
    old = await cache.retrieve()
    new = await cache.renew(old)

    assert new is await cache.renew(old)
    assert 2 == provider.count


class Same:
    """A provider that always has the same key."""

    count = 0

    async def retrieve(self) -> Credentials:
        self.count += 1
        return Credentials("AKID", "a-secret")


async def test_renewing_returns_none_if_the_key_is_the_same() -> None:
    provider = Same()
    cache = CredentialsCache(provider, ManualClock())
    old = await cache.retrieve()

    renewed = await asyncio.gather(*(cache.renew(old) for _ in range(100)))

    assert [None] * 100 == renewed
    assert 2 == provider.count


async def test_a_failed_renewal_keeps_the_cached_credentials() -> None:
    class Failing(Same):
        async def retrieve(self) -> Credentials:
            if self.count:
                message = "no answer"
                raise CredentialsError(message)
            return await super().retrieve()

    cache = CredentialsCache(Failing(), ManualClock())
    old = await cache.retrieve()

    with pytest.raises(CredentialsError, match="no answer"):
        await cache.renew(old)

    assert old is cache.peek()


async def test_renewing_works_before_the_first_retrieval() -> None:
    cache = CredentialsCache(Same(), ManualClock())

    renewed = await cache.renew(Credentials("ANOTHER", "a-secret"))

    assert renewed is not None
    assert "AKID" == renewed.access_key_id


class FailingProvider(Provider):
    """A provider that fails while `is_failing` is set."""

    is_failing = False

    async def retrieve(self) -> Credentials:
        credentials = await super().retrieve()
        if self.is_failing:
            message = "the provider fails"
            raise CredentialsError(message)
        return credentials


class StableProvider(FailingProvider):
    has_static_stability = True


async def test_in_the_advisory_window_only_one_call_waits() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 600)

    first = asyncio.create_task(cache.retrieve())
    await asyncio.sleep(0)
    others = [cache.peek() for _ in range(3)] + [await cache.retrieve()]
    found = await first

    assert ["AKID1"] * 4 == [other.access_key_id for other in others if other]
    assert "AKID2" == found.access_key_id
    assert found is cache.peek()
    assert 2 == provider.count


async def test_in_the_mandatory_window_all_calls_wait_for_one_retrieval() -> None:
    clock = ManualClock()
    provider = Provider(clock)
    cache = CredentialsCache(provider, clock)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 59)

    found = await asyncio.gather(*(cache.retrieve() for _ in range(1_000)))

    assert {"AKID2"} == {credentials.access_key_id for credentials in found}
    assert 2 == provider.count


@pytest.mark.parametrize("provider_type", [FailingProvider, StableProvider])
async def test_a_failed_refresh_in_the_advisory_window_is_postponed(
    provider_type: type[FailingProvider],
) -> None:
    clock = ManualClock()
    provider = provider_type(clock)
    cache = CredentialsCache(provider, clock, chance=lambda: 0.5)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 890)
    provider.is_failing = True

    found = [await cache.retrieve() for _ in range(10)]
    clock.advance(449)
    found.append(await cache.retrieve())

    assert {"AKID1"} == {credentials.access_key_id for credentials in found}
    assert 2 == provider.count
    clock.advance(2)
    provider.is_failing = False
    assert "AKID3" == (await cache.retrieve()).access_key_id


async def test_an_outage_of_half_an_hour_fails_no_call_with_static_stability() -> None:
    clock = ManualClock()
    provider = StableProvider(clock)
    cache = CredentialsCache(provider, clock, chance=lambda: 0.0)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 120)
    provider.is_failing = True

    found = []
    for _ in range(1800):
        clock.advance(1)
        found.append(await cache.retrieve())
    provider.is_failing = False
    clock.advance(300)

    assert {"AKID1"} == {credentials.access_key_id for credentials in found}
    assert 7 == provider.count
    assert "AKID8" == (await cache.retrieve()).access_key_id


async def test_a_failure_in_the_mandatory_window_is_raised() -> None:
    clock = ManualClock()
    provider = FailingProvider(clock)
    cache = CredentialsCache(provider, clock)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 30)
    provider.is_failing = True

    with pytest.raises(CredentialsError, match="the provider fails"):
        await cache.retrieve()


async def test_expired_credentials_of_a_stable_provider_are_used() -> None:
    """The instance metadata service returns such while it renews its own."""

    class Late(Provider):
        has_static_stability = True

    clock = ManualClock()
    provider = Late(clock, timedelta(seconds=-1))
    cache = CredentialsCache(provider, clock, chance=lambda: 0.0)

    found = [await cache.retrieve() for _ in range(10)]
    clock.advance(301)
    found.append(await cache.retrieve())

    assert ["AKID1"] * 10 + ["AKID2"] == [each.access_key_id for each in found]


async def test_a_provider_that_hangs_times_out() -> None:
    cache = CredentialsCache(Gate(), ManualClock(), timeout=0.02)

    with pytest.raises(CredentialsError) as caught:
        await cache.retrieve()

    assert "Gate.retrieve()" in str(caught.value)
    assert "0.02 s" in str(caught.value)


@pytest.mark.parametrize("error", [TimeoutError("mine"), KeyError("mine")])
async def test_an_exception_of_a_custom_provider_is_the_cause(
    error: Exception,
) -> None:
    class Custom:
        async def retrieve(self) -> Credentials:
            raise error

    with pytest.raises(
        CredentialsError, match=r"Custom\.retrieve\(\) raised"
    ) as caught:
        await CredentialsCache(Custom(), ManualClock()).retrieve()

    assert error is caught.value.__cause__
    assert "mine" in str(caught.value)


async def test_errors_of_this_library_pass_through() -> None:
    class Wrong:
        async def retrieve(self) -> Credentials:
            message = "mode"
            raise OptionsError(message)

    with pytest.raises(OptionsError, match="mode"):
        await CredentialsCache(Wrong(), ManualClock()).retrieve()


async def test_an_error_of_any_type_keeps_credentials_that_are_valid() -> None:
    clock = ManualClock()

    class Failing:
        is_failing = False

        async def retrieve(self) -> Credentials:
            if self.is_failing:
                message = "no route"
                raise ConnectionError(message)
            end = datetime.fromtimestamp(clock(), UTC) + HOUR
            return Credentials("AKID", "hush", expires_at=end)

    provider = Failing()
    cache = CredentialsCache(provider, clock)
    before = await cache.retrieve()
    provider.is_failing = True
    clock.advance(HOUR.total_seconds() - 14 * 60)

    assert before is await cache.retrieve()


async def test_a_provider_that_is_not_async_is_an_error() -> None:
    class Blocking:
        def retrieve(self) -> Credentials:
            return Credentials("AKID", "hush")

    cache = CredentialsCache(Blocking(), ManualClock())  # type: ignore[arg-type] # what is tested

    with pytest.raises(CredentialsError, match=r"Blocking\.retrieve\(\)"):
        await cache.retrieve()


async def test_renewing_calls_the_provider_after_a_failure() -> None:
    clock = ManualClock()
    provider = StableProvider(clock)
    cache = CredentialsCache(provider, clock)
    old = await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 30)
    provider.is_failing = True
    assert old is await cache.retrieve()
    provider.is_failing = False

    renewed = await cache.renew(old)

    assert renewed is not None
    assert "AKID3" == renewed.access_key_id


async def test_a_provider_may_have_its_own_timeout() -> None:
    class Patient(Gate):
        has_own_timeout = True

    gate = Patient()
    cache = CredentialsCache(gate, ManualClock(), timeout=0.001)
    task = asyncio.create_task(cache.retrieve())
    await asyncio.sleep(0.02)
    gate.opened.set()

    assert "AKID1" == (await task).access_key_id


async def test_credentials_returned_in_their_advisory_window_are_cached() -> None:
    """A provider with its own cache returns such credentials."""
    clock = ManualClock()
    provider = Provider(clock, timedelta(minutes=4))
    cache = CredentialsCache(provider, clock, chance=lambda: 0.0)

    for _ in range(10):
        await cache.retrieve()

    assert 1 == provider.count

    clock.advance(3 * 60 + 1)
    await cache.retrieve()

    assert 2 == provider.count


class Tokens:
    """A token provider that counts its calls."""

    def __init__(self, *answers: object) -> None:
        self.count = 0
        self._answers = answers

    async def retrieve(self) -> Token:
        self.count += 1
        answer = self._answers[self.count - 1]
        assert isinstance(answer, Token) or answer is None
        return answer  # type: ignore[return-value] # on purpose


async def test_tokens_are_cached_like_credentials() -> None:
    clock = ManualClock()
    end = datetime.fromtimestamp(clock(), UTC) + HOUR
    first, second = Token("one", expires_at=end), Token("two")
    tokens = Tokens(first, second)
    cache = TokenCache(tokens, clock)

    assert first is await cache.retrieve()
    assert first is cache.peek()
    assert second is await cache.renew(first)
    assert None is await cache.renew(Token("two"))
    assert 2 == tokens.count


async def test_a_result_that_is_not_a_token_is_an_error() -> None:
    with pytest.raises(CredentialsError) as caught:
        await TokenCache(Tokens(None), ManualClock()).retrieve()

    assert "Tokens.retrieve() returned NoneType" in str(caught.value)
