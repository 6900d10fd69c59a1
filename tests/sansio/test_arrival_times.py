from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from statistics import mean, stdev

import pytest

from sagemaker_rt.sansio.arrival_times import arrival_times


def random_of(seed: int) -> Callable[[], float]:
    return Random(seed).random  # noqa: S311 - not a secret


def test_uniform_arrivals_have_equal_distances() -> None:
    times = [*arrival_times(10, 0.35, "uniform", random_of(0))]

    assert [0.0, 0.1, 0.2, 0.3] == times


def test_uniform_arrivals_do_not_accumulate_rounding_errors() -> None:
    *_, last = arrival_times(1000, 100, "uniform", random_of(0))

    assert 99.999 == last


def test_poisson_arrivals_have_the_rate_and_the_spread_of_independent_calls() -> None:
    times = [*arrival_times(200, 100, "poisson", random_of(7))]

    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert pytest.approx(20_000, rel=0.03) == len(times)
    assert sorted(times) == times
    assert times[-1] < 100
    # the standard deviation of an exponential distribution is its mean
    assert pytest.approx(mean(gaps), rel=0.03) == stdev(gaps)


def test_a_seed_determines_poisson_arrivals() -> None:
    first, second, other = (
        [*arrival_times(100, 1, "poisson", random_of(seed))] for seed in (1, 1, 2)
    )

    assert first == second
    assert first != other
