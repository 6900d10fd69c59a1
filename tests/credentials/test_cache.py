from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sagemaker_rt.credentials.cache import CredentialsCache, TokenCache
from sagemaker_rt.errors import CredentialsError, OptionsError
from sagemaker_rt.identity import Credentials, Token
from tests.doubles import ManualClock

HOUR = timedelta(hours=1)


class Source:
    """A provider that counts: its credentials are good for *lifetime*."""

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
    """A provider that answers when it is told to."""

    def __init__(self) -> None:
        self.count = 0
        self.opened = asyncio.Event()

    async def retrieve(self) -> Credentials:
        self.count += 1
        await self.opened.wait()
        return Credentials(f"AKID{self.count}", "a-secret")


async def all_are_waiting() -> None:
    """Let every task come to where it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_set_that_does_not_expire_is_asked_for_once() -> None:
    clock = ManualClock()
    source = Source(clock, lifetime=None)
    cache = CredentialsCache(source, clock)

    first = await cache.retrieve()
    clock.advance(1e9)

    assert first is await cache.retrieve()
    assert 1 == source.count


@pytest.mark.parametrize(
    ("lifetime", "window"),
    [(10, 5), (20, 5), (20.1, 15), (60, 15), (89.9, 15), (90, 60), (720, 60)],
)
@pytest.mark.parametrize(("before", "count"), [(0.001, 1), (-0.001, 2), (-9e9, 2)])
async def test_a_set_is_kept_until_it_is_time_to_renew_it(
    lifetime: float, window: float, before: float, count: int
) -> None:
    """Minutes of lifetime, and of the window at their end."""
    clock = ManualClock()
    source = Source(clock, timedelta(minutes=lifetime))
    cache = CredentialsCache(source, clock)
    await cache.retrieve()

    clock.advance(60 * (lifetime - window) - before)
    credentials = await cache.retrieve()

    assert (count, f"AKID{count}") == (source.count, credentials.access_key_id)


async def test_what_is_kept_can_be_had_without_waiting() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)

    assert cache.peek() is None
    credentials = await cache.retrieve()

    assert credentials is cache.peek()
    clock.advance(HOUR.total_seconds() - 899)
    assert cache.peek() is None
    assert 1 == source.count


async def test_a_source_of_short_lived_sets_is_asked_each_time() -> None:
    clock = ManualClock()
    source = Source(clock, timedelta(seconds=30))
    cache = CredentialsCache(source, clock)

    ids = [(await cache.retrieve()).access_key_id for _ in range(3)]

    assert ["AKID1", "AKID2", "AKID3"] == ids


async def test_many_callers_at_once_are_one_question() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)

    for round in (1, 2):
        found = await asyncio.gather(*(cache.retrieve() for _ in range(1000)))

        assert {f"AKID{round}"} == {credentials.access_key_id for credentials in found}
        assert round == source.count
        clock.advance(HOUR.total_seconds())


async def test_when_the_one_who_asks_is_cancelled_the_others_get_the_answer() -> None:
    gate = Gate()
    cache = CredentialsCache(gate, ManualClock())
    asking, *waiting = (asyncio.create_task(cache.retrieve()) for _ in range(4))
    await all_are_waiting()

    asking.cancel()
    await all_are_waiting()
    gate.opened.set()
    found = await asyncio.gather(*waiting)

    assert asking.cancelled()
    assert {"AKID1"} == {credentials.access_key_id for credentials in found}
    assert 1 == gate.count


async def test_when_the_last_of_them_is_cancelled_so_is_the_question() -> None:
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


async def test_when_one_who_waits_is_cancelled_the_others_do_not_notice() -> None:
    gate = Gate()
    cache = CredentialsCache(gate, ManualClock())
    asking, leaving, waiting = (asyncio.create_task(cache.retrieve()) for _ in range(3))
    await all_are_waiting()

    leaving.cancel()
    await all_are_waiting()
    gate.opened.set()

    assert await asking is await waiting
    assert leaving.cancelled()
    assert 1 == gate.count


async def test_a_failure_is_kept_for_some_seconds() -> None:
    class Recovering(Source):
        async def retrieve(self) -> Credentials:
            credentials = await super().retrieve()
            if self.count == 1:
                message = "the source is away"
                raise CredentialsError(message)
            return credentials

    clock = ManualClock()
    source = Recovering(clock)
    cache = CredentialsCache(source, clock, chance=lambda: 0.5)
    raised: list[CredentialsError] = []

    for _ in range(100):
        with pytest.raises(CredentialsError, match="the source is away") as caught:
            await cache.retrieve()
        raised.append(caught.value)

    assert 1 == source.count
    assert 100 == len({id(error) for error in raised})
    clock.advance(2.999)
    with pytest.raises(CredentialsError):
        await cache.retrieve()
    clock.advance(0.001)
    assert "AKID2" == (await cache.retrieve()).access_key_id


async def test_an_answer_of_another_kind_is_refused_by_its_source() -> None:
    class Boto:
        async def retrieve(self) -> Credentials:
            return ("AKID", "a-secret")  # type: ignore[return-value] # what is tested

    cache = CredentialsCache(Boto(), ManualClock())

    with pytest.raises(CredentialsError) as caught:
        await cache.retrieve()

    assert (
        "Boto.retrieve() returned tuple; "
        "it should return Credentials, or raise CredentialsError" == str(caught.value)
    )


def test_a_set_outlives_the_loop_that_it_was_asked_for_in() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)

    async def ask(callers: int) -> set[str]:
        found = await asyncio.gather(*(cache.retrieve() for _ in range(callers)))
        return {credentials.access_key_id for credentials in found}

    first, second = asyncio.run(ask(10)), asyncio.run(ask(10))
    clock.advance(HOUR.total_seconds())
    third = asyncio.run(ask(10))

    assert [{"AKID1"}, {"AKID1"}, {"AKID2"}] == [first, second, third]
    assert 2 == source.count


def test_a_loop_that_ended_while_callers_waited_holds_nobody_up() -> None:
    cache = CredentialsCache(Source(ManualClock()), ManualClock())

    async def give_up() -> None:
        callers = [asyncio.create_task(cache.retrieve()) for _ in range(3)]
        await asyncio.sleep(0)
        for caller in callers:
            caller.cancel()

    asyncio.run(give_up())
    credentials = asyncio.run(cache.retrieve())

    assert "AKID2" == credentials.access_key_id


def test_it_knows_what_it_stands_in_front_of() -> None:
    clock = ManualClock()
    source = Source(clock)

    cache = CredentialsCache(source, clock)

    assert (source, clock) == (cache.provider, cache.clock)


async def test_a_set_that_was_refused_is_asked_for_anew_by_one_for_all() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)
    old = await cache.retrieve()

    renewed = await asyncio.gather(*(cache.renew(old) for _ in range(1000)))

    assert cache.can_renew
    assert 2 == source.count
    assert {"AKID2"} == {found.access_key_id for found in renewed if found is not None}
    assert renewed[0] is cache.peek()


async def test_who_comes_late_with_an_old_set_gets_the_new_one() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)
    old = await cache.retrieve()
    new = await cache.renew(old)

    assert new is await cache.renew(old)
    assert 2 == source.count


class Same:
    """A provider that always has the same key."""

    count = 0

    async def retrieve(self) -> Credentials:
        self.count += 1
        return Credentials("AKID", "a-secret")


async def test_the_same_key_again_is_nothing_new() -> None:
    source = Same()
    cache = CredentialsCache(source, ManualClock())
    old = await cache.retrieve()

    renewed = await asyncio.gather(*(cache.renew(old) for _ in range(100)))

    assert [None] * 100 == renewed
    assert 2 == source.count


async def test_a_source_that_fails_leaves_the_set_that_there_is() -> None:
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


async def test_a_set_may_be_renewed_before_any_was_asked_for() -> None:
    cache = CredentialsCache(Same(), ManualClock())

    renewed = await cache.renew(Credentials("ANOTHER", "a-secret"))

    assert renewed is not None
    assert "AKID" == renewed.access_key_id


class Outage(Source):
    """A source that is away when it is told so."""

    is_away = False

    async def retrieve(self) -> Credentials:
        credentials = await super().retrieve()
        if self.is_away:
            message = "the source is away"
            raise CredentialsError(message)
        return credentials


class StableOutage(Outage):
    has_static_stability = True


async def test_in_good_time_one_asks_and_the_others_go_on() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 600)

    asking = asyncio.create_task(cache.retrieve())
    await asyncio.sleep(0)
    others = [cache.peek() for _ in range(3)] + [await cache.retrieve()]
    found = await asking

    assert ["AKID1"] * 4 == [other.access_key_id for other in others if other]
    assert "AKID2" == found.access_key_id
    assert found is cache.peek()
    assert 2 == source.count


async def test_in_the_last_minute_all_wait_for_the_one() -> None:
    clock = ManualClock()
    source = Source(clock)
    cache = CredentialsCache(source, clock)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 59)

    found = await asyncio.gather(*(cache.retrieve() for _ in range(1_000)))

    assert {"AKID2"} == {credentials.access_key_id for credentials in found}
    assert 2 == source.count


@pytest.mark.parametrize("kind", [Outage, StableOutage])
async def test_a_source_that_fails_in_good_time_is_left_alone_for_a_while(
    kind: type[Outage],
) -> None:
    clock = ManualClock()
    source = kind(clock)
    cache = CredentialsCache(source, clock, chance=lambda: 0.5)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 890)
    source.is_away = True

    found = [await cache.retrieve() for _ in range(10)]
    clock.advance(449)
    found.append(await cache.retrieve())

    assert {"AKID1"} == {credentials.access_key_id for credentials in found}
    assert 2 == source.count
    clock.advance(2)
    source.is_away = False
    assert "AKID3" == (await cache.retrieve()).access_key_id


async def test_an_outage_of_half_an_hour_fails_no_call() -> None:
    clock = ManualClock()
    source = StableOutage(clock)
    cache = CredentialsCache(source, clock, chance=lambda: 0.0)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 120)
    source.is_away = True

    found = []
    for _ in range(1800):
        clock.advance(1)
        found.append(await cache.retrieve())
    source.is_away = False
    clock.advance(300)

    assert {"AKID1"} == {credentials.access_key_id for credentials in found}
    assert 7 == source.count
    assert "AKID8" == (await cache.retrieve()).access_key_id


async def test_a_source_whose_word_counts_is_believed_at_the_end() -> None:
    clock = ManualClock()
    source = Outage(clock)
    cache = CredentialsCache(source, clock)
    await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 30)
    source.is_away = True

    with pytest.raises(CredentialsError, match="the source is away"):
        await cache.retrieve()


async def test_a_source_that_gives_what_has_expired_is_left_alone_for_a_while() -> None:
    """Instance metadata does so while it is renewing its own."""

    class Late(Source):
        has_static_stability = True

    clock = ManualClock()
    source = Late(clock, timedelta(seconds=-1))
    cache = CredentialsCache(source, clock, chance=lambda: 0.0)

    found = [await cache.retrieve() for _ in range(10)]
    clock.advance(301)
    found.append(await cache.retrieve())

    assert ["AKID1"] * 10 + ["AKID2"] == [each.access_key_id for each in found]


async def test_a_source_that_hangs_is_given_up() -> None:
    cache = CredentialsCache(Gate(), ManualClock(), answers_within=0.02)

    with pytest.raises(CredentialsError) as caught:
        await cache.retrieve()

    assert "Gate did not answer within 0.02 s" == str(caught.value)


@pytest.mark.parametrize("error", [TimeoutError("mine"), KeyError("mine")])
async def test_what_a_provider_of_the_callers_raises_is_the_cause(
    error: Exception,
) -> None:
    class Own:
        async def retrieve(self) -> Credentials:
            raise error

    with pytest.raises(CredentialsError, match=r"Own\.retrieve\(\) raised") as caught:
        await CredentialsCache(Own(), ManualClock()).retrieve()

    assert error is caught.value.__cause__
    assert "mine" in str(caught.value)


async def test_errors_of_this_library_pass_through() -> None:
    class Wrong:
        async def retrieve(self) -> Credentials:
            message = "mode"
            raise OptionsError(message)

    with pytest.raises(OptionsError, match="mode"):
        await CredentialsCache(Wrong(), ManualClock()).retrieve()


async def test_an_error_of_any_type_leaves_a_set_that_is_still_good() -> None:
    clock = ManualClock()

    class Away:
        is_away = False

        async def retrieve(self) -> Credentials:
            if self.is_away:
                message = "no route"
                raise ConnectionError(message)
            end = datetime.fromtimestamp(clock(), UTC) + HOUR
            return Credentials("AKID", "hush", expires_at=end)

    source = Away()
    cache = CredentialsCache(source, clock)
    before = await cache.retrieve()
    source.is_away = True
    clock.advance(HOUR.total_seconds() - 14 * 60)

    assert before is await cache.retrieve()


async def test_a_provider_that_is_not_async_is_told_so() -> None:
    class Blocking:
        def retrieve(self) -> Credentials:
            return Credentials("AKID", "hush")

    cache = CredentialsCache(Blocking(), ManualClock())  # type: ignore[arg-type] # as said

    with pytest.raises(CredentialsError, match=r"Blocking\.retrieve\(\) is no"):
        await cache.retrieve()


async def test_renewing_does_not_mind_that_the_source_has_failed() -> None:
    clock = ManualClock()
    source = StableOutage(clock)
    cache = CredentialsCache(source, clock)
    old = await cache.retrieve()
    clock.advance(HOUR.total_seconds() - 30)
    source.is_away = True
    assert old is await cache.retrieve()
    source.is_away = False

    renewed = await cache.renew(old)

    assert renewed is not None
    assert "AKID3" == renewed.access_key_id


async def test_a_provider_may_have_a_time_of_its_own() -> None:
    class Patient(Gate):
        limits_itself = True

    gate = Patient()
    cache = CredentialsCache(gate, ManualClock(), answers_within=0.001)
    task = asyncio.create_task(cache.retrieve())
    await asyncio.sleep(0.02)
    gate.opened.set()

    assert "AKID1" == (await task).access_key_id


async def test_a_source_that_has_no_better_set_yet_is_not_asked_by_every_call() -> None:
    """It gives sets that are to be renewed at once, as one does that caches itself."""
    clock = ManualClock()
    source = Source(clock, timedelta(minutes=4))
    cache = CredentialsCache(source, clock, chance=lambda: 0.0)

    for _ in range(10):
        await cache.retrieve()

    assert 1 == source.count

    clock.advance(3 * 60 + 1)
    await cache.retrieve()

    assert 2 == source.count


class Tokens:
    """A provider of tokens that counts."""

    def __init__(self, *answers: object) -> None:
        self.count = 0
        self._answers = answers

    async def retrieve(self) -> Token:
        self.count += 1
        answer = self._answers[self.count - 1]
        assert isinstance(answer, Token) or answer is None
        return answer  # type: ignore[return-value] # on purpose


async def test_tokens_are_kept_as_credentials_are() -> None:
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


async def test_what_is_no_token_is_refused() -> None:
    with pytest.raises(CredentialsError) as caught:
        await TokenCache(Tokens(None), ManualClock()).retrieve()

    assert (
        "Tokens.retrieve() returned NoneType; "
        "it should return Token, or raise CredentialsError"
    ) == str(caught.value)
