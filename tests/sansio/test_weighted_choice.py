from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.weighted_choice import WeightedChoice, chance_of_key

WEIGHTS = {"a": 8.0, "b": 2.0, "c": 0.0}


def test_keys_are_divided_by_weight() -> None:
    choice = WeightedChoice(WEIGHTS)
    count = Counter(choice.by_key(f"user-{n}") for n in range(5000))

    assert pytest.approx(4000, abs=200) == count["a"]
    assert 5000 == count["a"] + count["b"]


def test_a_higher_weight_takes_keys_and_moves_no_others() -> None:
    keys = [f"user-{number}" for number in range(2000)]
    before = {key: WeightedChoice(WEIGHTS).by_key(key) for key in keys}
    heavier = WeightedChoice({**WEIGHTS, "b": 4.0})
    after = {key: heavier.by_key(key) for key in keys}

    moved = {(before[key], after[key]) for key in keys if before[key] != after[key]}
    assert {("a", "b")} == moved


@given(st.text())
def test_a_key_always_gets_the_same_name(key: str) -> None:
    choice = WeightedChoice(WEIGHTS)

    assert choice.by_key(key) == WeightedChoice(WEIGHTS).by_key(key) != "c"
    assert 0 < chance_of_key(key) < 1


@pytest.mark.parametrize(
    ("chance", "expected"), [(0.0, "a"), (0.79, "a"), (0.81, "b"), (1.0, "b")]
)
def test_a_chance_is_divided_by_weight(chance: float, expected: str) -> None:
    assert expected == WeightedChoice(WEIGHTS).by_chance(chance)


@given(st.floats(0, 1, exclude_max=True))
def test_a_name_without_weight_is_never_chosen(chance: float) -> None:
    weights = {"none": 0.0, "some": 0.1, "nil": 0.0}

    assert "some" == WeightedChoice(weights).by_chance(chance)


@pytest.mark.parametrize(
    "weights", [{}, {"a": 0.0}, {"a": -1.0}, {"a": math.inf}, {"a": math.nan}], ids=str
)
def test_wrong_weights_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(OptionsError, match="weight"):
        WeightedChoice(weights)
