"""The live table of ``sagemaker-rt bench``."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sagemaker_rt.load import LatencySummary, LoadProgress
from sagemaker_rt.load.number_texts import rate_text, time_text
from sagemaker_rt.sansio.load_statistics import LoadCounts

__all__ = ["shown_progress"]

_PERCENTILES: Final = ("p50", "p90", "p99", "max")
_BAR_WIDTH: Final = 40


@contextmanager
def shown_progress(file: TextIO) -> Generator[Callable[[LoadProgress], None]]:
    """Yield a function that shows progress on *file*.

    A terminal shows a table; any other file receives a line at each call.
    """
    console = Console(file=file)
    if not console.is_terminal:
        yield lambda progress: print(_line(progress), file=file, flush=True)
        return
    with Live(console=console, transient=True, auto_refresh=False) as live:
        yield lambda progress: live.update(_table(progress), refresh=True)


def _line(progress: LoadProgress) -> str:
    recent, latency = progress.recent, progress.recent_latency
    parts = [
        _elapsed(progress),
        rate_text(recent.succeeded / progress.interval),
        f"p50 {time_text(latency.p50 or latency.mean)}",
        f"max {time_text(latency.max)}",
        f"{progress.in_flight:,} in flight",
        *_problems(progress.counts),
    ]
    return "  ".join(parts)


def _table(progress: LoadProgress) -> Group:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for number, heading in enumerate(("", "calls", "per second", *_PERCENTILES)):
        table.add_column(heading, justify="right" if number else "left")
    seconds = max(progress.elapsed, 0.0) or progress.interval
    table.add_row(
        "now", *_cells(progress.recent, progress.interval, progress.recent_latency)
    )
    table.add_row("all", *_cells(progress.counts, seconds, progress.latency))
    bar = ProgressBar(
        total=progress.seconds, completed=max(progress.elapsed, 0.0), width=_BAR_WIDTH
    )
    head = Table.grid(padding=(0, 2))
    head.add_row(bar, _elapsed(progress), f"{progress.in_flight:,} in flight")
    problems = _problems(progress.counts)
    lag = progress.start_lag.p99 or progress.start_lag.max
    problems.append(f"start lag up to {time_text(lag)}")
    return Group(head, table, Text("  ".join(problems), style="dim"))


def _cells(counts: LoadCounts, seconds: float, latency: LatencySummary) -> list[str]:
    times = [time_text(getattr(latency, name)) for name in _PERCENTILES]
    return [f"{counts.succeeded:,}", rate_text(counts.succeeded / seconds), *times]


def _elapsed(progress: LoadProgress) -> str:
    if progress.elapsed < 0:
        return f"warm-up, {-progress.elapsed:.0f} s left"
    if progress.elapsed > progress.seconds:
        return "waiting for calls in flight"
    return f"{progress.elapsed:.0f} of {progress.seconds:g} s"


def _problems(counts: LoadCounts) -> list[str]:
    numbers = {"failed": counts.failed, "dropped": counts.dropped}
    return [f"{number:,} {name}" for name, number in numbers.items() if number]
