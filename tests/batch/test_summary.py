from __future__ import annotations

from typing import Any

from sagemaker_rt.batch.summary import BatchSummary
from sagemaker_rt.sansio.batch_statistics import BatchStatistics


def summary(statistics: BatchStatistics, **changes: Any) -> BatchSummary:
    facts = {
        "output": "out.jsonl",
        "failures": "out.failed.jsonl",
        "failed_before": 0,
        "elapsed": 2.0,
        "is_complete": True,
        **changes,
    }
    return BatchSummary.of(statistics, **facts)


def test_a_summary_has_counts_and_percentiles() -> None:
    statistics = BatchStatistics(None, 0.0)
    for latency in (0.1, 0.1, 5.0):
        statistics.succeeded(1, latency)

    found = summary(statistics)

    assert ["mean", "p50", "p90", "p99", "max"] == [*found.latency]
    assert found.succeeded
    assert (
        "3 done in 2.00 s (1.5/s), 0 failed, 0 skipped\n"
        "latency: mean 1.73 s, p50 100.0 ms, p90 5.00 s, p99 5.00 s, max 5.00 s\n"
        "results: out.jsonl"
    ) == found.text


def test_a_summary_lists_failures_by_their_code() -> None:
    statistics = BatchStatistics(None, 0.0)
    statistics.failed_with("ModelError", 1)
    statistics.skip(1)

    found = summary(statistics, failed_before=1, elapsed=0.0)

    assert not found.succeeded
    assert (
        "0 done in 0.0 ms (0.0/s), 1 failed, 1 skipped, of which 1 failed before\n"
        "failed: 1 ModelError\n"
        "results: out.jsonl\n"
        "failures: out.failed.jsonl"
    ) == found.text


def test_a_job_that_stopped_has_not_succeeded() -> None:
    assert not summary(BatchStatistics(None, 0.0), is_complete=False).succeeded
