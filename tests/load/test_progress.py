from __future__ import annotations

from sagemaker_rt.load.progress import LoadProgress
from sagemaker_rt.sansio.load_statistics import LoadCounts
from tests.load.results import statistics_of


def test_the_state_has_the_numbers_since_the_last_report() -> None:
    statistics = statistics_of(20)

    progress = LoadProgress.of(
        statistics,
        now=4.0,
        in_flight=3,
        before=LoadCounts(scheduled=15, succeeded=14),
        interval=1.0,
    )
    statistics.schedule(4.0)

    assert (4.0, 6.0, 3) == (progress.elapsed, progress.seconds, progress.in_flight)
    assert (20, 5, 6) == (
        progress.counts.scheduled,
        progress.recent.scheduled,
        progress.recent.succeeded,
    )
    assert (20, 20) == (progress.latency.count, progress.recent_latency.count)
