"""The result of a load test as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Final

from sagemaker_rt.load.findings import findings, title
from sagemaker_rt.load.number_texts import percent_text, rate_text, time_text
from sagemaker_rt.load.result import PERCENTILES, LatencySummary, LoadResult

__all__ = ["COLUMNS", "cells", "distributions", "text_report"]

COLUMNS: Final = ("mean", *PERCENTILES, "max")
"""The attributes of a `LatencySummary` in its row of a table."""
_WIDTH: Final = 88


def text_report(result: LoadResult) -> str:
    """Return *result* as text."""
    lines = [f"{result.plan.endpoint_name}: {title(result)}", ""]
    lines += _counts(result)
    header = ["", *(name.replace("_", ".") for name in COLUMNS), "count"]
    rows = [[name, *cells(one)] for name, one in distributions(result).items()]
    lines += ["", *_table([header, *rows])]
    if result.errors:
        lines += ["", *_errors(result)]
    for finding in findings(result):
        lines += [
            "",
            fill(finding, _WIDTH, initial_indent="! ", subsequent_indent="  "),
        ]
    return "\n".join(lines)


def distributions(result: LoadResult) -> dict[str, LatencySummary]:
    """Return the distributions in *result* that have values, by their names."""
    item = "token" if result.plan.unit != "parts" else "part"
    named = {
        "latency": result.latency,
        "service time": result.service_time,
        f"first {item}": result.first_token,
        f"per {item}": result.per_token,
        "start lag": result.start_lag,
    }
    return {name: one for name, one in named.items() if one.count}


def cells(summary: LatencySummary) -> list[str]:
    """Return the texts of a row of a table."""
    times = [time_text(getattr(summary, name)) for name in COLUMNS]
    return [*times, f"{summary.count:,}"]


def _counts(result: LoadResult) -> Iterator[str]:
    counts = result.counts
    numbers = {
        "scheduled": counts.scheduled,
        "started": counts.started,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "dropped": counts.dropped,
        "not started": counts.not_started,
        "unfinished": counts.unfinished,
    }
    optional = {"dropped", "not started", "unfinished"}
    shown = [
        f"{n:,} {name}" for name, n in numbers.items() if n or name not in optional
    ]
    yield f"calls       {', '.join(shown)}"
    yield (
        f"rate        {rate_text(result.scheduled_rate)} scheduled, "
        f"{rate_text(result.started_rate)} started, "
        f"{rate_text(result.throughput)} succeeded"
    )
    yield f"in flight   {result.max_in_flight:,} at most"
    if result.plan.unit is not None:
        rate = rate_text(result.tokens_per_second)
        yield f"{result.plan.unit:<12}{counts.tokens:,}, {rate}"


def _errors(result: LoadResult) -> Iterator[str]:
    ended = result.counts.succeeded + result.counts.failed
    for error in result.errors:
        share = percent_text(error.count, ended)
        yield f"{error.count:>8,}  {share:>7}  {error.type}: {error.example}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; the first column is aligned left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        texts = [text.rjust(n) for text, n in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *texts])
