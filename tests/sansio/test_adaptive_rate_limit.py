from __future__ import annotations

import random

import pytest

from sagemaker_rt.sansio.adaptive_rate_limit import (
    ClientRateLimiter,
    CubicRate,
    MeasuredRate,
    TokenBucket,
)


def test_a_throttle_leaves_seven_tenths_of_the_rate() -> None:
    cubic = CubicRate(0.0, 0.0)

    assert pytest.approx(7.0) == cubic.after_throttle(10.0, now=5.0)


def test_the_rate_grows_back_to_where_it_was_and_on() -> None:
    cubic = CubicRate(10.0, 5.0)
    plateau = (10.0 * 0.3 / 0.4) ** (1 / 3)

    rates = [cubic.after_success(5.0 + since) for since in (0.0, plateau, 4.0)]

    assert pytest.approx([7.0, 10.0, 13.408697022]) == rates


def test_the_measured_rate_follows_whole_intervals() -> None:
    measured = MeasuredRate(now=0.0)

    within = [measured.record(0.1 * number) for number in range(5)]
    after = measured.record(0.5)
    later = measured.record(1.0)

    assert [0.0] * 5 == within
    assert pytest.approx(6 / 0.5 * 0.8) == after
    assert pytest.approx(1 / 0.5 * 0.8 + 9.6 * 0.2) == later


def test_a_bucket_fills_up_to_a_second_of_its_rate() -> None:
    bucket = TokenBucket(now=0.0)
    bucket.set_rate(4.0, now=0.0)

    assert 0.25 == bucket.until(1, now=0.0)
    assert 0.0 == bucket.until(4, now=100.0)
    assert 0.25 == bucket.until(5, now=100.0)

    bucket.take()

    assert 0.25 == bucket.until(4, now=100.0)


def test_a_bucket_is_filled_at_the_old_rate_up_to_the_change() -> None:
    bucket = TokenBucket(now=0.0)
    bucket.set_rate(10.0, now=0.0)

    bucket.set_rate(2.0, now=0.1)

    assert 0.0 == bucket.until(1, now=0.1)
    assert 0.5 == bucket.until(2, now=0.1)


@pytest.mark.parametrize("rate", [-3.0, 0.0, 0.1])
def test_a_bucket_never_stands_still(rate: float) -> None:
    bucket = TokenBucket(now=0.0)

    bucket.set_rate(rate, now=0.0)

    assert 0.5 == bucket.fill_rate
    assert 2.0 == bucket.until(1, now=0.0)


@pytest.mark.parametrize("now", [0.0, 1e6, 1.7e9])
@pytest.mark.parametrize("rate", [0.5, 7.3, 1234.5])
def test_when_its_time_has_come_a_token_is_there(rate: float, now: float) -> None:
    bucket = TokenBucket(now)
    bucket.set_rate(rate, now)

    for _ in range(100):
        now += bucket.until(1, now)

        assert 0.0 == bucket.until(1, now)
        bucket.take()


def test_what_rounding_gives_is_taken_from_the_next_token() -> None:
    bucket = TokenBucket(now=0.0)
    bucket.set_rate(1.0, now=0.0)

    assert 0.0 == bucket.until(1, now=0.999_995)
    bucket.take()

    assert pytest.approx(1.000_005, abs=1e-9) == bucket.until(1, now=0.999_995)


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    bucket = TokenBucket(now=1000.0)
    bucket.set_rate(4.0, now=1000.0)
    cubic = CubicRate(10.0, 1000.0)

    assert 0.25 == bucket.until(1, now=0.0)
    assert 0.0 == bucket.until(1, now=0.25)
    assert pytest.approx(7.0) == cubic.after_success(0.0)


def test_nothing_is_limited_before_the_service_throttles() -> None:
    limiter = ClientRateLimiter(now=0.0)

    for number in range(1000):
        limiter.take()
        limiter.answered(number / 1000, is_throttle=False)

    assert not limiter.is_enabled
    assert 0.0 == limiter.until(10_000, now=1.0)


def throttled(*, rate: int) -> ClientRateLimiter:
    """Return a limiter that was throttled after a second of *rate* answers."""
    limiter = ClientRateLimiter(now=0.0)
    for number in range(rate):
        limiter.answered(number / rate, is_throttle=False)
    limiter.answered(1.0, is_throttle=True)
    return limiter


def test_a_throttle_limits_the_rate_to_a_part_of_what_was_measured() -> None:
    limiter = throttled(rate=100)

    assert limiter.is_enabled
    # two intervals of about 50 answers, smoothed from nothing
    assert pytest.approx((100 * 0.8 + (102 * 0.8) * 0.2) * 0.7, rel=0.05) == (
        limiter.rate
    )


def test_a_second_throttle_starts_from_the_rate_that_was_allowed() -> None:
    limiter = throttled(rate=100)
    allowed = limiter.rate

    limiter.answered(1.1, is_throttle=True)

    assert pytest.approx(allowed * 0.7) == limiter.rate


def test_the_rate_grows_to_twice_what_is_measured_at_most() -> None:
    limiter = throttled(rate=100)

    for number in range(100):  # 4 in a second, for long enough to forget the others
        limiter.answered(1_000.0 + number / 4, is_throttle=False)

    assert pytest.approx(8.0) == limiter.rate


class Service:
    """Takes *rate* requests a second, and a second's at once; throttles the others."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = rate

    def is_throttle(self, *, since_last: float) -> bool:
        self._left = min(self._rate, self._left + self._rate * since_last)
        if self._left < 1:
            return True
        self._left -= 1
        return False


def throttles_and_sends(*, is_limited: bool, seed: int) -> tuple[int, int]:
    """Offer 100 calls a second, for 5 minutes, to a service that takes 20.

    A call that has no token is dropped. Counted is from the 30th second on.
    """
    limiter, service = ClientRateLimiter(now=0.0), Service(20.0)
    chance = random.Random(seed)  # noqa: S311 - a simulation
    now = last = 0.0
    throttles = sends = 0
    while now < 300.0:
        now += chance.expovariate(100.0)
        if is_limited and limiter.until(1, now):
            continue
        limiter.take()
        is_throttle = service.is_throttle(since_last=now - last)
        last = now
        limiter.answered(now, is_throttle=is_throttle)
        if now > 30.0:
            sends, throttles = sends + 1, throttles + is_throttle
    return throttles, sends


@pytest.mark.parametrize("seed", range(3))
def test_calls_adapt_to_what_the_service_takes(seed: int) -> None:
    throttles, sends = throttles_and_sends(is_limited=True, seed=seed)

    assert 0 < throttles < 0.03 * sends
    assert 0.97 * 20 * 270 < sends - throttles < 1.01 * 20 * 270


def test_calls_that_are_not_limited_are_throttled_for_the_most_part() -> None:
    throttles, sends = throttles_and_sends(is_limited=False, seed=0)

    assert 0.75 * sends < throttles
