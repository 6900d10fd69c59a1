"""The progress bar of ``sagemaker-rt batch``."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from sagemaker_rt.batch.progress import ProgressLines
from sagemaker_rt.sansio.batch_statistics import BatchProgress, duration_text

__all__ = ["shown_progress"]

_STEPS: Final = 10_000  # of the bar


@contextmanager
def shown_progress(file: TextIO) -> Generator[Callable[[BatchProgress], None]]:
    """Yield a function that shows progress on *file*.

    A terminal shows a bar; any other file receives a line every 10 seconds.
    """
    console = Console(file=file)
    if not console.is_terminal:
        yield ProgressLines(file)
        return
    bar = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=console,
        expand=True,
    )
    with bar:
        task = bar.add_task("", total=_STEPS, counts="", left="")

        def show(progress: BatchProgress) -> None:
            left = progress.seconds_left
            bar.update(
                task,
                completed=(progress.fraction or 0.0) * _STEPS,
                counts=_counts(progress),
                left="" if left is None else f"{duration_text(left)} left",
            )

        yield show


def _counts(progress: BatchProgress) -> str:
    parts = [f"[green]{progress.done:,}[/]"]
    if progress.failed:
        parts.append(f"[red]{progress.failed:,} failed[/]")
    if progress.skipped:
        parts.append(f"[dim]{progress.skipped:,} skipped[/]")
    parts.append(f"{progress.rate:,.0f}/s")
    parts.append(f"[dim]≤ {progress.limit} in flight[/]")
    return " ".join(parts)
