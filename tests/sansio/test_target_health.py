from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.circuit import CircuitPolicy
from sagemaker_rt.sansio.target_health import TargetHealth

POLICY = CircuitPolicy(min_failures=2, open_seconds=5.0)


def fail(health: TargetHealth, index: int, now: float) -> None:
    """Fail at *index* until its circuit opens."""
    others = {*range(len(health.states))} - {index}
    while health.states[index] != "open":
        health.record(*health.choose(others, now), failed=True, now=now)


def test_the_first_healthy_target_is_chosen() -> None:
    health = TargetHealth(POLICY, 3)
    first = health.choose((), 0.0)
    fail(health, 0, 0.0)

    assert (0, 0) == first
    assert (1, 0) == health.choose((), 0.0)
    assert (2, 0) == health.choose({1}, 0.0)
    assert ("open", "closed", "closed") == health.states


def test_a_target_is_probed_and_preferred_again() -> None:
    health = TargetHealth(POLICY, 2)
    fail(health, 0, 0.0)

    probe, other = health.choose((), 5.0), health.choose((), 5.0)

    assert (0, (1, 0)) == (probe[0], other)
    assert health.record(*probe, failed=False, now=5.0)
    assert "closed" == health.states[0]


def test_without_a_healthy_target_the_one_with_the_next_probe_is_called() -> None:
    health = TargetHealth(POLICY, 2)
    fail(health, 1, 0.0)
    fail(health, 0, 1.0)

    chosen = health.choose((), 2.0)

    assert (1, None) == chosen
    assert not health.record(1, None, failed=False, now=2.0)
    assert ("open", "open") == health.states


@given(
    st.integers(1, 4),
    st.lists(
        st.tuples(
            st.lists(st.sampled_from([True, False, None]), min_size=4, max_size=4),
            st.floats(0, 6),
        ),
        max_size=40,
    ),
)
def test_each_call_tries_each_target_once_at_most(
    count: int, calls: list[tuple[list[bool | None], float]]
) -> None:
    health, now = TargetHealth(POLICY, count), 0.0
    for outcomes, elapsed in calls:
        now += elapsed
        tried: list[int] = []
        while len(tried) < count:
            index, permit = health.choose(tried, now)
            assert index not in tried
            tried.append(index)
            health.record(index, permit, failed=outcomes[index], now=now)
            if outcomes[index] is False:
                break
        else:
            assert [*range(count)] == sorted(tried)
