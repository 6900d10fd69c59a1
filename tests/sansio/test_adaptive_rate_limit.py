from __future__ import annotations

import random

import pytest

from sagemaker_rt.sansio.adaptive_rate_limit import (
    ClientRateLimiter,
    CubicRate,
    MeasuredRate,
    TokenBucket,
)


def test_throttling_reduces_the_rate_to_70_percent() -> None:
    cubic = CubicRate(0.0, 0.0)

    assert pytest.approx(7.0) == cubic.after_throttle(10.0, now=5.0)


def test_the_rate_grows_beyond_its_value_before_throttling() -> None:
    cubic = CubicRate(10.0, 5.0)
    plateau = (10.0 * 0.3 / 0.4) ** (1 / 3)

    rates = [cubic.after_success(5.0 + elapsed) for elapsed in (0.0, plateau, 4.0)]

    assert pytest.approx([7.0, 10.0, 13.408697022]) == rates


def test_the_measured_rate_changes_after_complete_intervals() -> None:
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

    assert 0.25 == bucket.seconds_until(1, now=0.0)
    assert 0.0 == bucket.seconds_until(4, now=100.0)
    assert 0.25 == bucket.seconds_until(5, now=100.0)

    bucket.take()

    assert 0.25 == bucket.seconds_until(4, now=100.0)


def test_a_new_rate_applies_from_the_time_of_the_change() -> None:
    bucket = TokenBucket(now=0.0)
    bucket.set_rate(10.0, now=0.0)

    bucket.set_rate(2.0, now=0.1)

    assert 0.0 == bucket.seconds_until(1, now=0.1)
    assert 0.5 == bucket.seconds_until(2, now=0.1)


@pytest.mark.parametrize("rate", [-3.0, 0.0, 0.1])
def test_the_fill_rate_has_a_minimum(rate: float) -> None:
    bucket = TokenBucket(now=0.0)

    bucket.set_rate(rate, now=0.0)

    assert 0.5 == bucket.fill_rate
    assert 2.0 == bucket.seconds_until(1, now=0.0)


@pytest.mark.parametrize("now", [0.0, 1e6, 1.7e9])
@pytest.mark.parametrize("rate", [0.5, 7.3, 1234.5])
def test_a_token_is_available_after_the_announced_seconds(
    rate: float, now: float
) -> None:
    bucket = TokenBucket(now)
    bucket.set_rate(rate, now)

    for _ in range(100):
        now += bucket.seconds_until(1, now)

        assert 0.0 == bucket.seconds_until(1, now)
        bucket.take()


def test_a_token_that_was_rounded_up_delays_the_next_one() -> None:
    bucket = TokenBucket(now=0.0)
    bucket.set_rate(1.0, now=0.0)

    assert 0.0 == bucket.seconds_until(1, now=0.999_995)
    bucket.take()

    assert pytest.approx(1.000_005, abs=1e-9) == bucket.seconds_until(1, now=0.999_995)


def test_no_token_is_lost_if_the_clock_goes_back() -> None:
    bucket = TokenBucket(now=1000.0)
    bucket.set_rate(4.0, now=1000.0)
    cubic = CubicRate(10.0, 1000.0)

    assert 0.25 == bucket.seconds_until(1, now=0.0)
    assert 0.0 == bucket.seconds_until(1, now=0.25)
    assert pytest.approx(7.0) == cubic.after_success(0.0)


def test_nothing_is_limited_before_the_first_throttling() -> None:
    limiter = ClientRateLimiter(now=0.0)

    for number in range(1000):
        limiter.take()
        limiter.record_response(number / 1000, is_throttle=False)

    assert not limiter.is_enabled
    assert 0.0 == limiter.seconds_until(10_000, now=1.0)


def throttled(*, rate: int) -> ClientRateLimiter:
    """Return a limiter that was throttled after *rate* responses in a second."""
    limiter = ClientRateLimiter(now=0.0)
    for number in range(rate):
        limiter.record_response(number / rate, is_throttle=False)
    limiter.record_response(1.0, is_throttle=True)
    return limiter


def test_throttling_limits_the_rate_to_70_percent_of_the_measured_rate() -> None:
    limiter = throttled(rate=100)

    assert limiter.is_enabled
    # two intervals of about 50 responses, smoothed from 0
    assert pytest.approx((100 * 0.8 + (102 * 0.8) * 0.2) * 0.7, rel=0.05) == (
        limiter.rate
    )


def test_a_second_throttling_reduces_the_allowed_rate() -> None:
    limiter = throttled(rate=100)
    allowed = limiter.rate

    limiter.record_response(1.1, is_throttle=True)

    assert pytest.approx(allowed * 0.7) == limiter.rate


def test_the_allowed_rate_is_at_most_twice_the_measured_rate() -> None:
    limiter = throttled(rate=100)

    for number in range(100):  # 4 per second, until the others no longer count
        limiter.record_response(1_000.0 + number / 4, is_throttle=False)

    assert pytest.approx(8.0) == limiter.rate


class Service:
    """A service that accepts *rate* requests per second, and throttles the others."""

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
    """Simulate 100 calls per second for 5 minutes; the service accepts 20 per second.

    A call without a token is dropped. The first 30 seconds are not counted.
    """
    limiter, service = ClientRateLimiter(now=0.0), Service(20.0)
    chance = random.Random(seed)  # noqa: S311 - a simulation
    now = last = 0.0
    throttles = sends = 0
    while now < 300.0:
        now += chance.expovariate(100.0)
        if is_limited and limiter.seconds_until(1, now):
            continue
        limiter.take()
        is_throttle = service.is_throttle(since_last=now - last)
        last = now
        limiter.record_response(now, is_throttle=is_throttle)
        if now > 30.0:
            sends, throttles = sends + 1, throttles + is_throttle
    return throttles, sends


@pytest.mark.parametrize("seed", range(3))
def test_calls_adapt_to_the_rate_of_the_service(seed: int) -> None:
    throttles, sends = throttles_and_sends(is_limited=True, seed=seed)

    assert 0 < throttles < 0.03 * sends
    assert 0.97 * 20 * 270 < sends - throttles < 1.01 * 20 * 270


def test_without_the_limiter_most_calls_are_throttled() -> None:
    throttles, sends = throttles_and_sends(is_limited=False, seed=0)

    assert 0.75 * sends < throttles
