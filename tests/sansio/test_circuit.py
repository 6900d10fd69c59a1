from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.circuit import Circuit, CircuitPolicy

POLICY = CircuitPolicy(
    failure_rate=0.5,
    min_failures=3,
    window=10.0,
    open_seconds=5.0,
    max_open_seconds=15.0,
)


def run(circuit: Circuit, now: float, *, failed: bool | None) -> bool:
    """Run a request that ends at once; return whether the state changed."""
    permit = circuit.allow(now)
    assert permit is not None
    return circuit.record(permit, failed=failed, now=now)


def opened(now: float = 0.0) -> Circuit:
    circuit = Circuit(POLICY)
    for _ in range(3):
        run(circuit, now, failed=True)
    assert "open" == circuit.state
    return circuit


def test_a_circuit_stays_closed_below_the_number_of_failures() -> None:
    circuit = Circuit(POLICY)

    changes = [run(circuit, 1.0, failed=True) for _ in range(3)]

    assert [False, False, True] == changes
    assert "open" == circuit.state


def test_a_circuit_stays_closed_below_the_share_of_failures() -> None:
    circuit = Circuit(POLICY)
    for _ in range(4):
        run(circuit, 1.0, failed=False)

    changes = [run(circuit, 1.0, failed=True) for _ in range(4)]

    assert [False, False, False, True] == changes


def test_results_that_say_nothing_do_not_count() -> None:
    circuit = Circuit(POLICY)
    for _ in range(100):
        run(circuit, 1.0, failed=None)

    assert [False, False, True] == [run(circuit, 1.0, failed=True) for _ in range(3)]


def test_old_failures_are_forgotten() -> None:
    circuit = Circuit(POLICY)
    run(circuit, 0.0, failed=True)
    run(circuit, 5.0, failed=True)

    assert not run(circuit, 11.5, failed=True)  # the first one is out of the window
    assert run(circuit, 12.0, failed=True)


def test_all_is_forgotten_after_a_long_pause() -> None:
    circuit = Circuit(POLICY)
    for _ in range(2):
        run(circuit, 0.0, failed=True)

    assert not run(circuit, 1e9, failed=True)


def test_a_clock_that_goes_back_loses_no_result() -> None:
    circuit = Circuit(POLICY)

    assert [False, False, True] == [
        run(circuit, now, failed=True) for now in (100.0, 50.0, 1.0)
    ]


def test_an_open_circuit_refuses_until_the_probe() -> None:
    circuit = opened(now=100.0)

    assert circuit.allow(104.9) is None
    assert pytest.approx(0.1) == circuit.seconds_until_probe(104.9)
    assert circuit.allow(105.0) is not None
    assert "half-open" == circuit.state
    assert 0.0 == circuit.seconds_until_probe(105.0)


def test_a_half_open_circuit_permits_one_probe_at_a_time() -> None:
    circuit = opened()
    assert circuit.allow(5.0) is not None

    assert [None, None] == [circuit.allow(5.0), circuit.allow(500.0)]


def test_a_probe_that_succeeds_closes_the_circuit() -> None:
    circuit = opened()

    assert run(circuit, 5.0, failed=False)

    assert "closed" == circuit.state
    assert [False, False, True] == [run(circuit, 5.0, failed=True) for _ in range(3)]
    assert circuit.allow(9.9) is None
    assert circuit.allow(10.0) is not None  # the time did not grow


def test_each_probe_that_fails_doubles_the_time_up_to_the_limit() -> None:
    circuit = opened()

    waits, now = [], 5.0
    for _ in range(3):
        assert run(circuit, now, failed=True)
        waits.append(circuit.seconds_until_probe(now))
        now += waits[-1]

    assert [10.0, 15.0, 15.0] == waits


def test_after_a_probe_that_says_nothing_the_next_request_is_the_probe() -> None:
    circuit = opened()

    assert not run(circuit, 5.0, failed=None)

    assert "half-open" == circuit.state
    assert run(circuit, 5.0, failed=False)


def test_a_result_of_an_earlier_state_is_ignored() -> None:
    circuit = Circuit(POLICY)
    slow = circuit.allow(0.0)
    assert slow is not None
    for _ in range(3):
        run(circuit, 0.0, failed=True)

    changes = [circuit.record(slow, failed=False, now=1.0)]
    probe = circuit.allow(5.0)
    changes.append(circuit.record(slow, failed=True, now=5.0))

    assert ([False, False], "half-open") == (changes, circuit.state)
    assert probe is not None
    assert circuit.record(probe, failed=False, now=5.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["start", "success", "failure", "nothing"]),
            st.floats(0, 4),
            st.integers(0, 9),
        ),
        max_size=80,
    )
)
def test_the_rules_hold_for_any_order_of_results(
    steps: list[tuple[str, float, int]],
) -> None:
    circuit, now, in_flight = Circuit(POLICY), 0.0, list[int]()
    probes, opened_at = set[int](), 0.0
    outcomes = {"success": False, "failure": True, "nothing": None}
    for what, elapsed, chosen in steps:
        now += elapsed
        if what == "start":
            permit = circuit.allow(now)
            if permit is not None:
                in_flight.append(permit)
            if circuit.state == "open":
                assert permit is None
            elif circuit.state == "half-open" and permit is not None:
                assert permit not in probes  # one at a time
                assert now - opened_at >= POLICY.open_seconds
                probes.add(permit)
            elif circuit.state == "closed":
                assert permit is not None
        elif in_flight:
            permit, before = in_flight.pop(chosen % len(in_flight)), circuit.state
            changed = circuit.record(permit, failed=outcomes[what], now=now)
            probes.discard(permit)
            assert changed == (before != circuit.state)
            if changed and circuit.state == "open":
                assert what == "failure"
                opened_at = now
            if changed and circuit.state == "closed":
                assert (before, what) == ("half-open", "success")
        assert 0 <= circuit.seconds_until_probe(now) <= POLICY.max_open_seconds


@pytest.mark.parametrize(
    "wrong",
    [
        {"failure_rate": 0},
        {"failure_rate": 1.1},
        {"failure_rate": math.nan},
        {"min_failures": 0},
        {"window": 0},
        {"window": math.inf},
        {"open_seconds": -1},
        {"open_seconds": 61},
        {"max_open_seconds": math.nan},
    ],
    ids=repr,
)
def test_a_setting_out_of_range_is_refused(wrong: Any) -> None:
    name = "max_open_seconds" if wrong == {"open_seconds": 61} else next(iter(wrong))

    with pytest.raises(OptionsError, match=f"{name} must be "):
        CircuitPolicy(**wrong)
