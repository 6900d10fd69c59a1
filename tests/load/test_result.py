from __future__ import annotations

import json

import pytest

from sagemaker_rt.load.result import LatencySummary
from sagemaker_rt.sansio.latency_histogram import LatencyHistogram
from sagemaker_rt.sansio.load_statistics import CallFacts, LoadStatistics
from tests.load.results import plan_of, result_of, statistics_of


def test_a_percentile_needs_enough_calls() -> None:
    histogram = LatencyHistogram()
    for number in range(100):
        histogram.add(0.001 * (number + 1))

    summary = LatencySummary.of(histogram)

    assert (100, 0.001, 0.1) == (summary.count, summary.min, summary.max)
    assert pytest.approx(0.05, rel=0.006) == summary.p50
    assert pytest.approx(0.099, rel=0.006) == summary.p99
    assert summary.p99_9 is None


def test_rates_are_those_of_the_measured_time() -> None:
    result = result_of(statistics_of(20, is_stream=True), seconds=8.0)

    assert (20 / 8, 100 / 8) == (result.throughput, result.tokens_per_second)
    assert (20 / 6, 20 / 6) == (result.scheduled_rate, result.started_rate)


def test_rates_of_an_interrupted_test_are_those_of_its_time() -> None:
    result = result_of(seconds=2.0)

    assert 10 == result.scheduled_rate
    assert [0.0, 1.9] == [result.timeline[n].start for n in (0, -1)]


def test_a_test_that_is_interrupted_in_the_warm_up_has_no_rates() -> None:
    result = result_of(statistics_of(0), seconds=0.0, end="interrupted")

    assert (0.0, 0.0, 0.0, ()) == (
        result.throughput,
        result.tokens_per_second,
        result.scheduled_rate,
        result.timeline,
    )
    assert result.kept_up


@pytest.mark.parametrize(
    ("lag", "latency", "kept_up"),
    [
        (0.009, 0.001, True),
        (0.011, 0.001, False),
        (0.09, 1.0, True),
        (0.12, 1.0, False),
    ],
)
@pytest.mark.parametrize(("calls", "name"), [(1, "maximum"), (20, "p90"), (200, "p99")])
def test_calls_that_start_late_are_not_on_time(
    calls: int, name: str, lag: float, latency: float, *, kept_up: bool
) -> None:
    result = result_of(statistics_of(calls, lag=lag, latency=latency))

    used, value = result.usual_lag
    assert (kept_up, name) == (result.kept_up, used)
    assert pytest.approx(lag, rel=0.006) == value


def test_calls_that_were_not_started_are_not_on_time() -> None:
    statistics = statistics_of(20)
    statistics.schedule(5.9)
    statistics.miss(5.9)

    assert not result_of(statistics).kept_up


def test_dropped_calls_are_a_limit_and_not_a_delay() -> None:
    statistics = statistics_of(20)
    for _ in range(20):
        statistics.schedule(5.9)
        statistics.drop(5.9)

    assert result_of(statistics).kept_up


def test_the_most_frequent_error_is_the_first() -> None:
    statistics = LoadStatistics(0.0, 6.0)
    for error in ("A", "B", "B"):
        statistics.end(CallFacts(due=0.0, started=0.0, ended=1.0, error=error))

    result = result_of(statistics)

    assert [("B", 2), ("A", 1)] == [(one.type, one.count) for one in result.errors]


def test_the_last_interval_may_be_shorter() -> None:
    statistics = LoadStatistics(0.0, 6.1)

    result = result_of(statistics, plan_of(seconds=6.1), seconds=7.0)

    assert pytest.approx(0.1) == result.timeline[-1].seconds
    assert 31 == len(result.timeline)


def test_a_result_is_json() -> None:
    statistics = statistics_of(20)
    statistics.schedule(5.9)

    document = json.loads(json.dumps(result_of(statistics).to_dict()))

    assert ("my-endpoint", 1, True) == (
        document["plan"]["endpoint_name"],
        document["counts"]["unfinished"],
        document["kept_up"],
    )
    assert 20 == sum(bucket["count"] for bucket in document["latency"]["buckets"])
    assert document["timeline"][0].keys() >= {"start", "succeeded", "latency_p99"}
