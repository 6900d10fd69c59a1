from __future__ import annotations

from sagemaker_rt.load.text_report import text_report
from sagemaker_rt.sansio.load_statistics import CallFacts
from tests.load.results import plan_of, result_of, statistics_of

WHOLE = """\
my-endpoint: InvokeEndpoint, open loop, 10.0/s (poisson, seed 0) for 6 s

calls       20 scheduled, 20 started, 20 succeeded, 0 failed
rate        3.33/s scheduled, 3.33/s started, 3.33/s succeeded
in flight   3 at most

                mean      p50     p75     p90     p95  p99  p99.9     max  count
latency       105 ms  99.8 ms  150 ms  180 ms  189 ms    -      -  200 ms     20
service time  105 ms  99.8 ms  150 ms  180 ms  189 ms    -      -  200 ms     20
start lag        0 s      0 s     0 s     0 s     0 s    -      -     0 s     20"""


def test_a_report_has_the_load_the_numbers_and_the_percentiles() -> None:
    assert WHOLE == text_report(result_of())


def test_a_report_of_streams_has_tokens() -> None:
    statistics = statistics_of(20, is_stream=True)

    text = text_report(result_of(statistics, plan_of(unit="tokens")))

    assert "\ntokens      100, 16.7/s\n" in text
    assert ("first token ", "per token ") == tuple(
        line[:12].rstrip() + " " for line in text.splitlines() if " token " in line
    )


def test_a_report_of_parts_calls_them_so() -> None:
    statistics = statistics_of(20, is_stream=True)

    text = text_report(result_of(statistics, plan_of(unit="parts")))

    assert "\nparts       100, 16.7/s\n" in text
    assert "\nfirst part " in text


def test_a_report_has_errors_and_findings() -> None:
    statistics = statistics_of(19)
    statistics.schedule(5.0)
    statistics.end(
        CallFacts(due=5.0, started=5.0, ended=6.0, error="E", message="because")
    )

    text = text_report(result_of(statistics))

    assert "\n       1   5.00 %  E: because\n" in text
    assert "\n! Failed: 1 call (5.00 %)" in text
