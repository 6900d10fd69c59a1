from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency


def rounds(
    machine: AdaptiveConcurrency, count: int, latency: float, *, used: float = 1.0
) -> None:
    """Let *count* rounds of calls succeed."""
    for _ in range(count):
        for _ in range(max(machine.limit, 8)):
            machine.succeeded(latency, in_flight=int(machine.limit * used))


def share_after(machine: AdaptiveConcurrency, latency: float) -> float:
    """Let calls succeed until the limit is lowered; return the share that remains."""
    while True:
        before = machine.limit
        machine.succeeded(latency, in_flight=before)
        if machine.limit < before:
            return machine.limit / before


def test_the_limit_doubles_per_round_until_the_first_decrease() -> None:
    machine = AdaptiveConcurrency(initial=8, maximum=1000)

    limits = []
    for _ in range(4):
        limits.append(machine.limit)
        for _ in range(machine.limit):
            machine.succeeded(0.1, in_flight=machine.limit)

    assert [8, 16, 32, 64] == limits


def test_after_a_throttle_the_limit_grows_by_one_per_round() -> None:
    machine = AdaptiveConcurrency(initial=100, maximum=1000)
    machine.throttled(1.0, 2.0)
    assert 70 == machine.limit

    rounds(machine, 3, 0.1)

    assert machine.limit in {72, 73}


def test_calls_that_started_before_a_decrease_do_not_decrease_again() -> None:
    machine = AdaptiveConcurrency(initial=100)

    machine.throttled(1.0, 2.0)
    machine.throttled(1.9, 2.1)
    assert 70 == machine.limit

    machine.throttled(2.0, 2.2)
    assert 49 == machine.limit


def test_a_slow_round_lowers_the_limit() -> None:
    machine = AdaptiveConcurrency(initial=10, maximum=10)
    rounds(machine, 1, 0.1)

    rounds(machine, 1, 0.25)
    assert 5 == machine.limit  # the last doubling was too much


def test_the_share_that_remains_is_the_one_that_was_accepted() -> None:
    machine = AdaptiveConcurrency(initial=1000, maximum=1000)
    machine.throttled(1.0, 2.0)
    rounds(machine, 3, 0.1)

    assert 0.8 == pytest.approx(share_after(machine, 0.25), abs=0.01)
    rounds(machine, 3, 0.1)
    assert 0.9 == pytest.approx(share_after(machine, 0.205), abs=0.01)


def test_a_very_slow_round_halves_the_limit() -> None:
    machine = AdaptiveConcurrency(initial=1000, maximum=1000)
    machine.throttled(1.0, 2.0)
    rounds(machine, 3, 0.1)

    assert 0.5 == pytest.approx(share_after(machine, 5.0), abs=0.01)


def test_calls_in_flight_at_a_decrease_do_not_lower_the_limit_again() -> None:
    machine = AdaptiveConcurrency(initial=64, maximum=64)
    rounds(machine, 1, 0.1)
    rounds(machine, 1, 0.5)
    assert 32 == machine.limit

    for in_flight in range(63, 0, -1):
        machine.succeeded(0.5, in_flight=in_flight)
    assert 32 == machine.limit

    rounds(machine, 1, 0.5)
    assert 16 == machine.limit


@pytest.mark.parametrize("lowest", [1, 2, 3])
def test_the_lowest_limits_are_raised_too(lowest: int) -> None:
    machine = AdaptiveConcurrency(initial=8)
    now = 0.0
    while machine.limit > lowest:
        machine.throttled(now, now)
        now += 1.0

    rounds(machine, 100, 0.1)

    assert machine.limit > 16


def test_a_queue_that_grew_while_the_limit_doubled_is_not_the_baseline() -> None:
    machine = AdaptiveConcurrency(initial=8)
    capacity = 16

    for _ in range(100):
        rounds(machine, 1, 0.1 * max(1.0, machine.limit / capacity) ** 2)

    assert 0.1 == pytest.approx(machine.baseline)
    assert 12 <= machine.limit <= 24


def test_a_round_within_the_tolerance_does_not_lower_the_limit() -> None:
    machine = AdaptiveConcurrency(initial=10, maximum=10, latency_tolerance=3)
    rounds(machine, 1, 0.1)

    rounds(machine, 5, 0.25)

    assert 10 == machine.limit


def test_a_limit_that_is_not_used_is_not_raised() -> None:
    machine = AdaptiveConcurrency(initial=10)

    rounds(machine, 10, 0.1, used=0.5)

    assert 10 == machine.limit


def test_the_baseline_follows_a_model_that_became_slower() -> None:
    machine = AdaptiveConcurrency(initial=10, maximum=10)
    assert machine.baseline is None
    rounds(machine, 1, 0.1)
    assert 0.1 == pytest.approx(machine.baseline)

    rounds(machine, 300, 1.0)

    assert machine.baseline is not None
    assert 0.5 <= machine.baseline <= 1.0
    assert 10 == machine.limit


def test_a_faster_round_lowers_the_baseline_at_once() -> None:
    machine = AdaptiveConcurrency(initial=10, maximum=10)
    rounds(machine, 1, 1.0)

    rounds(machine, 1, 0.5)

    assert 0.5 == pytest.approx(machine.baseline)


@pytest.mark.parametrize(
    "limits", [(0, 1, 1), (2, 1, 3), (1, 5, 4)], ids=["zero", "initial", "maximum"]
)
def test_limits_must_be_ordered(limits: tuple[int, int, int]) -> None:
    minimum, initial, maximum = limits

    with pytest.raises(OptionsError):
        AdaptiveConcurrency(minimum=minimum, initial=initial, maximum=maximum)


def test_a_tolerance_must_be_over_one() -> None:
    with pytest.raises(OptionsError):
        AdaptiveConcurrency(latency_tolerance=1.0)


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1000), st.integers(0, 500))),
    st.integers(1, 20),
)
def test_the_limit_stays_within_its_bounds(
    events: list[tuple[bool, float, int]], minimum: int
) -> None:
    machine = AdaptiveConcurrency(initial=20, minimum=minimum, maximum=40)

    for now, (is_throttle, latency, in_flight) in enumerate(events):
        if is_throttle:
            machine.throttled(now - latency, now)
        else:
            machine.succeeded(latency, in_flight=in_flight)
        assert minimum <= machine.limit <= 40


def test_a_repr_shows_the_limit() -> None:
    assert "<AdaptiveConcurrency, limit 8>" == repr(AdaptiveConcurrency())


def test_an_endpoint_with_fixed_capacity_is_used_and_not_overloaded() -> None:
    """The limit settles near the capacity, beyond which calls wait in a queue."""
    machine = AdaptiveConcurrency(initial=4, maximum=1000)
    capacity, service_time = 32, 0.1
    limits = []

    for _ in range(400):
        limit = machine.limit
        latency = service_time * max(1.0, limit / capacity)
        for _ in range(max(limit, 8)):
            machine.succeeded(latency, in_flight=limit)
        limits.append(machine.limit)

    assert max(limits) <= 4 * capacity
    assert capacity <= min(limits[10:])
    assert max(limits[10:]) <= 3 * capacity
