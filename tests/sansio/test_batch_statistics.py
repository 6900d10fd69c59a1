from __future__ import annotations

import pytest

from sagemaker_rt.sansio.batch_statistics import (
    BatchCounts,
    BatchStatistics,
    duration_text,
)


def test_progress_has_counts_the_rate_and_the_time_left() -> None:
    statistics = BatchStatistics(1000, started=100.0)
    for _ in range(20):
        statistics.succeeded(10, 0.5)
    statistics.failed_with("ModelError", 10)
    statistics.skip(90)
    statistics.ignore(200)

    progress = statistics.progress(102.1, 16)

    assert (20, 1, 1, 16) == (
        progress.done,
        progress.failed,
        progress.skipped,
        progress.limit,
    )
    assert 10 == pytest.approx(progress.rate)
    assert 0.5 == pytest.approx(progress.fraction)
    assert 5 == pytest.approx(progress.seconds_left)
    assert {"ModelError": 1} == progress.errors
    assert 2.1 == pytest.approx(progress.elapsed)


def test_the_rate_is_that_of_the_last_thirty_seconds() -> None:
    statistics = BatchStatistics(None, started=0.0)

    for second in range(100):
        for _ in range(1 if second < 50 else 5):
            statistics.succeeded(1, 0.1)
        progress = statistics.progress(second + 1.0, 1)

    assert 5 == pytest.approx(progress.rate)
    assert progress.fraction is None
    assert progress.seconds_left is None


def test_samples_are_not_taken_too_often() -> None:
    statistics = BatchStatistics(10, started=0.0)

    for tick in range(1000):
        statistics.succeeded(0, 0.1)
        progress = statistics.progress(tick / 1000, 1)

    assert 1000 == pytest.approx(progress.rate, rel=0.01)
    assert progress.seconds_left is None


def test_an_empty_input_is_done() -> None:
    assert 1.0 == BatchStatistics(0, 0.0).progress(0.0, 1).fraction


def test_progress_is_a_line() -> None:
    statistics = BatchStatistics(1000, started=0.0)
    statistics.succeeded(250, 0.1)
    assert "25.0%, 1 done, 1.0/s, 4 in flight at most, 3 s left" == (
        statistics.progress(1.0, 4).line
    )

    statistics.failed_with("ModelError", 250)
    statistics.skip(0)
    text = statistics.progress(1.0, 4).line
    assert "1 failed (1 ModelError), 1 skipped" in text
    assert "done" in BatchStatistics(None, 0.0).progress(1.0, 4).line


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (11.2, "12 s"),
        (200, "3 min 20 s"),
        (60, "1 min 00 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_a_duration_is_short(seconds: float, expected: str) -> None:
    assert expected == duration_text(seconds)


def test_counts_replace_those_of_other_statistics() -> None:
    statistics = BatchStatistics(100, 0.0)
    statistics.succeeded(10, 0.1)
    statistics.failed_with("ModelError", 20)
    statistics.skip(30)
    other = BatchStatistics(100, 0.0)

    other.replace(statistics.counts())

    assert BatchCounts(1, 1, 1, 30, 30, {"ModelError": 1}) == other.counts()
    assert 0.6 == other.progress(1.0, 1).fraction
