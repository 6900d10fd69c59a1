from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.load.loops import ClosedLoop, OpenLoop


def test_the_limit_is_that_of_calls_in_flight() -> None:
    assert (7, 16) == (OpenLoop(5, max_in_flight=7).limit, ClosedLoop(16).limit)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), True, "5", None])
def test_a_rate_is_a_positive_number(rate: Any) -> None:
    with pytest.raises(ParamValidationError, match="rate must be a positive number"):
        OpenLoop(rate)


def test_a_rate_is_one_that_can_be_counted() -> None:
    assert 200_000 == OpenLoop(200_000).rate
    with pytest.raises(ParamValidationError, match="at most 200,000, not 1000000000"):
        OpenLoop(1_000_000_000)


@pytest.mark.parametrize("number", [0, -1, 1.5, True, "5", None])
def test_a_number_of_calls_is_a_positive_integer(number: Any) -> None:
    with pytest.raises(ParamValidationError, match="concurrency must be a positive"):
        ClosedLoop(number)
    with pytest.raises(ParamValidationError, match="max_in_flight must be a positive"):
        OpenLoop(1, max_in_flight=number)


@pytest.mark.parametrize("seed", [None, True, 1.5, "5"])
def test_a_seed_is_an_integer(seed: Any) -> None:
    with pytest.raises(ParamValidationError, match="seed must be an integer, not"):
        OpenLoop(1, seed=seed)


def test_arrivals_are_one_of_two_processes() -> None:
    arrivals: Any = "regular"

    with pytest.raises(ParamValidationError, match="poisson or uniform, not 'regular'"):
        OpenLoop(1, arrivals=arrivals)
