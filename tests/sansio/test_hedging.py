from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.hedging import HedgeBudget, LatencyQuantile


def test_a_quantile_needs_samples_and_is_renewed_from_time_to_time() -> None:
    latencies = LatencyQuantile(0.95)

    values = [latencies.record(float(number)) for number in range(84)]

    assert {19: 19.0, 51: 49.0, 83: 79.0} == {
        number: value for number, value in enumerate(values) if value is not None
    }


def test_a_quantile_is_near_that_of_all_latencies() -> None:
    draw = random.Random(1).expovariate  # noqa: S311 - latencies
    latencies = LatencyQuantile(0.95)

    values = [latencies.record(draw(1.0)) for _ in range(4116)]

    assert pytest.approx(3.0, abs=0.8) == values[-1]  # -ln 0.05


def test_old_latencies_are_forgotten() -> None:
    latencies = LatencyQuantile(0.5, size=32)

    values = [latencies.record(s) for s in (1.0, 9.0) for _ in range(66)]

    assert (1.0, 9.0) == (values[51], values[115])


@given(st.lists(st.floats(0, 100), min_size=20, max_size=400), st.floats(0, 0.999))
def test_a_quantile_is_one_of_the_latencies(
    samples: list[float], quantile: float
) -> None:
    latencies = LatencyQuantile(quantile, size=64)

    values = {latencies.record(sample) for sample in samples} - {None}

    assert values
    assert values <= {*samples}


def test_a_budget_of_five_percent_permits_one_of_twenty() -> None:
    budget = HedgeBudget(0.05, burst=20)

    permitted = []
    for _ in range(100):
        budget.calls += 1
        permitted.append(budget.take())

    assert [20, 40, 60, 80, 100] == [i for i, was in enumerate(permitted, 1) if was]


def test_a_budget_keeps_what_is_not_used_up_to_the_burst() -> None:
    budget = HedgeBudget(0.05, burst=3)
    for _ in range(1000):
        budget.calls += 1

    assert [True, True, True, False] == [budget.take() for _ in range(4)]


@given(
    st.lists(st.booleans(), max_size=300),
    st.floats(0.001, 1.0),
    st.integers(1, 20),
)
def test_the_requests_never_exceed_their_share(
    steps: list[bool], share: float, burst: int
) -> None:
    budget, calls, taken = HedgeBudget(share, burst), 0, 0

    for is_call in steps:
        if is_call:
            budget.calls += 1
            calls += 1
        else:
            taken += budget.take()
        assert taken <= share * calls + 1e-6
