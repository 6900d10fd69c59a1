from __future__ import annotations

from math import inf, nan

import pytest

from sagemaker_rt.sansio.number_checks import is_finite, is_integer, is_number


@pytest.mark.parametrize("value", [True, False, None, "5", 1j, [1]])
def test_a_truth_value_or_a_text_is_not_a_number(value: object) -> None:
    assert not is_integer(value, 0)
    assert not is_number(value)
    assert not is_finite(value)


def test_an_integer_has_a_lowest_value() -> None:
    assert is_integer(1, 1)
    assert not is_integer(0, 1)
    assert not is_integer(1.0, 1)


@pytest.mark.parametrize("value", [inf, -inf, nan, 10**400])
def test_a_number_may_be_too_large(value: float) -> None:
    assert is_number(value)
    assert not is_finite(value)


@pytest.mark.parametrize("value", [0, -1, 0.5, 1e308])
def test_a_finite_number(value: float) -> None:
    assert is_number(value)
    assert is_finite(value)
