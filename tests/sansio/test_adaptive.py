from __future__ import annotations

import random

import pytest

from sagemaker_rt.sansio.adaptive import (
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

    limiter.answered(1_000.0, is_throttle=False)
    slow = limiter.rate

    assert 100 > slow


def test_calls_adapt_to_what_the_service_takes() -> None:
    """100 calls a second are wanted of a service that takes 20."""
    limiter = ClientRateLimiter(now=0.0)
    chance = random.Random(7)  # noqa: S311 - a simulation
    budget, now, sends, throttles = 20.0, 0.0, 0, 0
    while now < 60.0:
        step = chance.uniform(0.005, 0.015)
        now += step
        budget = min(20.0, budget + 20.0 * step)
        if limiter.until(1, now):
            continue
        limiter.take()
        is_throttle = budget < 1
        budget -= not is_throttle
        limiter.answered(now, is_throttle=is_throttle)
        if now > 10.0:
            sends, throttles = sends + 1, throttles + is_throttle

    assert 50 * 20 * 0.6 < sends - throttles <= 50 * 20 + 20
    assert throttles < 0.25 * sends
