from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from sagemaker_rt.load.plots import calls_over_time, histogram, times_over_time
from sagemaker_rt.load.result import LatencySummary
from sagemaker_rt.sansio.latency_histogram import LatencyHistogram
from sagemaker_rt.sansio.load_statistics import CallFacts
from tests.load.results import plan_of, result_of, statistics_of


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own text


def classes(svg: str, name: str = "*") -> list[str]:
    return [
        node.get("class", "") for node in parsed(svg).iter() if name in {"*", node.tag}
    ]


def titles(svg: str) -> list[str]:
    return [node.text or "" for node in parsed(svg).iter("title")]


def summary_of(*times: float) -> LatencySummary:
    histogram = LatencyHistogram()
    for time in times:
        histogram.add(time)
    return LatencySummary.of(histogram)


def test_each_percentile_has_a_line_and_the_maximum_has_dots() -> None:
    svg = times_over_time(result_of(statistics_of(60)), "latency")

    assert ["line p99", "line p90", "line p50"] == classes(svg, "polyline")
    assert 60 == classes(svg, "circle").count("max point")
    assert (
        "0 to 0.1 s\n1 succeeded\np50 10.0 ms\np90 10.0 ms\np99 10.0 ms\nmax 10.0 ms"
        == (titles(svg)[0])
    )


def test_an_interval_without_values_has_a_gap() -> None:
    svg = times_over_time(result_of(statistics_of(20)), "latency")

    assert 20 == classes(svg, "circle").count("line p50 point")
    assert "p50 -" in titles(svg)[1]


def test_times_to_the_first_token_are_plotted() -> None:
    svg = times_over_time(result_of(statistics_of(60, is_stream=True)), "first_token")

    assert "max 5.00 ms" in titles(svg)[0]


def test_a_result_without_calls_has_empty_plots() -> None:
    result = result_of(statistics_of(0), seconds=0.0)

    assert [] == titles(times_over_time(result, "latency"))
    assert [] == titles(calls_over_time(result))


def test_calls_are_stacked_by_what_became_of_them() -> None:
    statistics = statistics_of(1)
    for _ in range(4):
        statistics.schedule(0.05)
    statistics.end(CallFacts(due=0.05, started=0.1, ended=0.2, error="E"))
    statistics.drop(0.05)
    statistics.miss(0.05)

    svg = calls_over_time(result_of(statistics))

    names = ["succeeded", "failed", "dropped", "not_started", "unfinished"]
    assert [f"bar {name}" for name in names] == [c for c in classes(svg) if "bar" in c]
    bars = [node for node in parsed(svg).iter("rect") if "bar" in node.get("class", "")]
    # each is above the one before
    tops = [float(bar.get("y", "")) for bar in bars]
    assert sorted(tops, reverse=True) == tops
    assert (
        "5 scheduled\n1 succeeded\n1 failed\n1 dropped\n1 not started" in titles(svg)[0]
    )
    assert "rate" in classes(svg, "line")


def test_a_closed_loop_has_no_line_of_a_rate() -> None:
    svg = calls_over_time(result_of(plan=plan_of(loop="closed", rate=None)))

    assert "rate" not in classes(svg)


def test_a_histogram_has_all_calls_and_lines_at_percentiles() -> None:
    times = [0.001 * 1.05**n for n in range(100)]

    svg = histogram(summary_of(*times), "latency")

    counts = [int(text.split(": ")[1].split()[0]) for text in titles(svg)]
    assert (100, True) == (sum(counts), len(counts) <= 65)
    assert ["mark p50", "mark p90", "mark p99"] == [
        name for name in classes(svg, "line") if "mark" in name
    ]
    anchors = [node.get("text-anchor") for node in parsed(svg).iter("text")]
    assert {"start", "end", "middle"} == {*anchors}


@pytest.mark.parametrize("times", [(0.0,), (0.25,), (0.25, 0.25)])
def test_a_histogram_of_equal_times_has_one_bar(times: tuple[float, ...]) -> None:
    svg = histogram(summary_of(*times), "latency")

    assert 1 == classes(svg).count("bar succeeded")


def test_a_single_call_is_visible_beside_many() -> None:
    svg = histogram(summary_of(*[0.001] * 10_000, 1.0), "latency")

    heights = [
        float(node.get("height", ""))
        for node in parsed(svg).iter("rect")
        if node.get("class") == "bar succeeded"
    ]
    assert 2.0 == min(heights)
