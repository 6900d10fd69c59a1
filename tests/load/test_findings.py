from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.load.findings import findings, title
from sagemaker_rt.sansio.load_statistics import CallFacts
from tests.load.results import plan_of, result_of, statistics_of


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "open loop, 10.0/s (poisson, seed 0) for 6 s"),
        ({"arrivals": "uniform"}, "open loop, 10.0/s (uniform) for 6 s"),
        (
            {"loop": "closed", "rate": None, "warm_up": 2.0},
            "closed loop, 100 callers for 6 s after 2 s of warm-up",
        ),
    ],
)
def test_the_title_is_the_load(fields: dict[str, Any], text: str) -> None:
    assert f"InvokeEndpoint, {text}" == title(result_of(plan=plan_of(**fields)))


def test_a_test_as_planned_has_no_findings() -> None:
    assert [] == findings(result_of())


def test_a_test_in_which_no_call_was_due_says_so() -> None:
    [found] = findings(result_of(statistics_of(0)))

    assert found.startswith("No call was due in this time")


def test_everything_that_limits_the_result_is_found() -> None:
    statistics = statistics_of(200, lag=0.5, latency=0.5)
    for _ in range(4):
        statistics.schedule(5.0)
    statistics.drop(5.0)
    statistics.miss(5.0)
    error = "UnknownFormatError"
    statistics.end(CallFacts(due=5.0, started=5.0, ended=6.0, error=error, retries=2))
    plan = plan_of(loop="closed", rate=None)

    found = findings(result_of(statistics, plan, end="interrupted"))

    words = [
        "was interrupted after 6.00 s of 6.00 s",
        "with 34.0/s: calls started 500 ms late (p99), and 1 not at all. The latency",
        "Dropped, because 100 calls were in flight: 1 call (0.49 %)",
        "In flight at the end, and cancelled: 1 call",
        "Failed: 1 call (0.498 %)",
        "--unit parts",
        "retries: 2",
        "In a closed loop",
    ]
    assert [True] * len(words) == [
        word in text for word, text in zip(words, found, strict=True)
    ]


def test_the_lag_of_few_calls_is_their_90th_percentile() -> None:
    (text,) = findings(result_of(statistics_of(20, lag=0.5)))

    assert "with 3.33/s: calls started 500 ms late (p90). The" in text


def test_a_call_of_many_may_not_be_started() -> None:
    statistics = statistics_of(200)
    statistics.schedule(5.9)
    statistics.miss(5.9)

    (text,) = findings(result_of(statistics))

    assert text.startswith("1 of the calls that were due had not been started")
