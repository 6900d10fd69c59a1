from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.spending import Spending


def test_calls_are_used_up() -> None:
    spending = Spending(2, None)
    seen = []
    for _ in range(3):
        seen.append((spending.calls_left, spending.used_up))
        spending.calls += 1

    assert [(2, None), (1, None), (0, "calls")] == seen
    assert math.inf == spending.seconds_left


def test_seconds_are_used_up() -> None:
    spending = Spending(None, 1.5)
    spending.calls += 1
    spending.seconds += 1.0
    before = (spending.seconds_left, spending.used_up)
    spending.seconds += 1.0

    assert (0.5, None) == before
    assert (0.0, "seconds", 2.0) == (
        spending.seconds_left,
        spending.used_up,
        spending.seconds,
    )
    assert math.inf == spending.calls_left


@given(
    st.one_of(st.none(), st.integers(0, 20)),
    st.floats(0, 20),
    st.lists(st.floats(0, 3), max_size=40),
)
def test_no_call_is_made_beyond_the_limits(
    calls: int | None, seconds: float, durations: list[float]
) -> None:
    spending, made = Spending(calls, seconds), 0
    for duration in durations:
        if spending.used_up is None:
            spending.calls += 1
            made += 1
            spending.seconds += min(duration, spending.seconds_left)

    assert calls is None or made <= calls
    assert spending.seconds <= seconds + 1e-9


@pytest.mark.parametrize(
    "wrong", [(None, None), (-1, None), (None, -0.1), (None, math.nan)], ids=str
)
def test_wrong_limits_are_refused(wrong: Any) -> None:
    with pytest.raises(OptionsError):
        Spending(*wrong)
