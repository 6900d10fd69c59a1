from __future__ import annotations

from sagemaker_rt.sansio.batch_statistics import BatchCounts
from sagemaker_rt.sansio.batch_totals import BatchTotals, Finished
from sagemaker_rt.sansio.latency_histogram import LatencyHistogram


def latency(*seconds: float) -> LatencyHistogram:
    histogram = LatencyHistogram()
    for one in seconds:
        histogram.add(one)
    return histogram


def test_counts_of_running_and_finished_parts_are_added() -> None:
    totals = BatchTotals(100, 0.0, {})
    totals.start(0)
    totals.start(1)
    totals.report(0, BatchCounts(5, 1, 0, 20, 0, {"A": 1}))
    totals.report(1, BatchCounts(4, 0, 0, 10, 0))

    progress = totals.progress(2.0, 8)

    assert (9, 1, 0) == (progress.done, progress.failed, progress.skipped)
    assert (0.3, {"A": 1}) == (progress.fraction, progress.errors)
    totals.end(0, BatchCounts(8, 2, 0, 50, 0, {"A": 2}), 0, latency(1.0, 3.0))
    totals.report(0, BatchCounts(7, 1, 0, 40, 0, {"A": 1}))  # too late
    progress = totals.progress(3.0, 8)
    assert (12, 2, 0.6) == (progress.done, progress.failed, progress.fraction)
    assert (2, 2.0, 3.0) == (
        totals.statistics.latency.count,
        totals.statistics.latency.mean,
        totals.statistics.latency.max,
    )


def test_a_part_of_an_earlier_run_is_skipped() -> None:
    totals = BatchTotals(100, 0.0, {0: Finished(8, 2)})

    totals.skip(Finished(8, 2), 100)

    progress = totals.progress(1.0, 1)
    assert (0, 0, 10, 1.0) == (
        progress.done,
        progress.failed,
        progress.skipped,
        progress.fraction,
    )
    assert 2 == totals.failed_before


def test_what_a_lost_attempt_finished_counts_for_this_run() -> None:
    """An earlier run finished 3 and failed 1, and a lost attempt 4 and 1 more."""
    totals = BatchTotals(100, 0.0, {0: Finished(3, 1)})
    totals.start(0)

    totals.end(0, BatchCounts(1, 0, 9, 10, 90), 2, latency(1.0))

    totals.update()
    found = totals.statistics.counts()
    assert BatchCounts(5, 1, 4, 10, 90, {"Unknown": 1}) == found
    assert 1 == totals.failed_before


def test_a_report_before_all_finished_inputs_were_skipped_counts_none_of_them() -> None:
    totals = BatchTotals(100, 0.0, {0: Finished(3, 1)})
    totals.start(0)

    totals.report(0, BatchCounts(skipped=2))

    assert 2 == totals.progress(1.0, 1).skipped


def test_successes_of_a_lost_attempt_have_no_errors() -> None:
    totals = BatchTotals(100, 0.0, {})
    totals.start(0)

    totals.end(0, BatchCounts(1, 0, 4, 10, 40), 0, latency(1.0))

    totals.update()
    assert BatchCounts(5, 0, 0, 10, 40) == totals.statistics.counts()
