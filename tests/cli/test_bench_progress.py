from __future__ import annotations

import io

import pytest

from sagemaker_rt.cli.bench_progress import shown_progress
from sagemaker_rt.load import LoadProgress
from sagemaker_rt.sansio.load_statistics import CallFacts, LoadCounts
from tests.load.results import statistics_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress_at(now: float) -> LoadProgress:
    statistics = statistics_of(20)
    statistics.drop(0.0)
    statistics.end(CallFacts(due=0.0, started=0.0, ended=1.0, error="E"))
    return LoadProgress.of(
        statistics, now=now, in_flight=3, before=LoadCounts(succeeded=15), interval=1.0
    )


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (-2.0, "warm-up, 2 s left"),
        (4.0, "4 of 6 s"),
        (7.0, "waiting for calls in flight"),
    ],
)
def test_a_file_receives_a_line(now: float, text: str) -> None:
    file = io.StringIO()

    with shown_progress(file) as show:
        show(progress_at(now))

    assert (
        f"{text}  5.00/s  p50 99.8 ms  max 200 ms  3 in flight  1 failed  1 dropped\n"
        == file.getvalue()
    )


def test_a_terminal_shows_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    file = Terminal()

    with shown_progress(file) as show:
        show(progress_at(-1.0))
        show(progress_at(4.0))

    text = file.getvalue()
    words = [
        "4 of 6 s",
        "per second",
        "p99",
        "now",
        "all",
        "1 failed",
        "start lag up to",
    ]
    assert [] == [word for word in words if word not in text]
