from __future__ import annotations

import math
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.latency_histogram import RELATIVE_ERROR, LatencyHistogram

TIMES: Final = st.lists(st.floats(1e-6, 1e6), min_size=1)
MOST_BUCKETS: Final = 2_764


def histogram_of(*times: float) -> LatencyHistogram:
    histogram = LatencyHistogram()
    for time in times:
        histogram.add(time)
    return histogram


def test_an_empty_histogram_has_no_values() -> None:
    histogram = LatencyHistogram()

    assert (0, None, None, None, None, ()) == (
        histogram.count,
        histogram.min,
        histogram.max,
        histogram.mean,
        histogram.percentile(50),
        histogram.buckets(),
    )


@given(TIMES, st.floats(0, 100))
def test_a_percentile_is_near_the_value_of_its_rank(
    times: list[float], percent: float
) -> None:
    rank = max(1, math.ceil(len(times) * percent / 100))

    value = histogram_of(*times).percentile(percent)

    exact = sorted(times)[rank - 1]
    assert pytest.approx(exact, rel=RELATIVE_ERROR * 1.001) == value


@given(TIMES)
def test_count_minimum_maximum_and_mean_are_exact(times: list[float]) -> None:
    histogram = histogram_of(*times)

    assert (len(times), min(times), max(times)) == (
        histogram.count,
        histogram.min,
        histogram.max,
    )
    assert pytest.approx(sum(times) / len(times)) == histogram.mean


@given(TIMES)
def test_buckets_are_ascending_and_have_all_values(times: list[float]) -> None:
    buckets = histogram_of(*times).buckets()

    assert len(times) == sum(bucket.count for bucket in buckets)
    bounds = [bound for bucket in buckets for bound in (bucket.low, bucket.high)]
    assert sorted(bounds) == pytest.approx(bounds)


def test_memory_is_bounded() -> None:
    ratio = 1e14 ** (1 / 50_000)  # from 1e-7 to 1e7, beyond both ends

    histogram = histogram_of(*(1e-7 * ratio**n for n in range(50_001)))

    assert MOST_BUCKETS - 1 <= len(histogram.buckets()) <= MOST_BUCKETS


def test_a_negative_time_counts_as_zero() -> None:
    histogram = histogram_of(-1.0, 0.0)

    assert (0.0, 0.0, 0.0) == (histogram.min, histogram.max, histogram.percentile(1))


@pytest.mark.parametrize(
    ("percent", "count"), [(50, 2), (90, 10), (99, 100), (99.9, 1000)]
)
def test_a_percentile_needs_a_value_beyond_it(percent: float, count: int) -> None:
    times = [1.0] * (count - 1)

    assert not histogram_of(*times).supports(percent)
    assert histogram_of(*times, 1.0).supports(percent)


def test_a_merged_histogram_is_that_of_all_times() -> None:
    for first, second in (([], [1.0]), ([1.0], []), ([2.0, 5.0], [1.0, 9.0])):
        merged = histogram_of(*first)
        merged.merge(histogram_of(*second))
        expected = histogram_of(*first, *second)

        assert expected.buckets() == merged.buckets()
        assert (expected.count, expected.mean) == (merged.count, merged.mean)
        assert (expected.min, expected.max) == (merged.min, merged.max)
