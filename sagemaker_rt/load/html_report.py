"""The result of a load test as an HTML page, which loads nothing."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Final

from sagemaker_rt import __version__
from sagemaker_rt.load.findings import findings, title
from sagemaker_rt.load.number_texts import percent_text, rate_text, time_text
from sagemaker_rt.load.plots import calls_over_time, histogram, times_over_time
from sagemaker_rt.load.result import LoadResult
from sagemaker_rt.load.text_report import COLUMNS, cells, distributions

__all__ = ["html_report"]

_STYLE: Final = (files("sagemaker_rt.load") / "report_page.css").read_text("utf-8")
_FOR_P99: Final = 100
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<title>{name}: load test</title>
<style>
{style}</style>
<body>
<h1 id="endpoint">{name}</h1>
<p class="soft">{title}</p>
{content}
<p class="soft">{footer}</p>
</body>
</html>
"""


def html_report(result: LoadResult) -> str:
    """Return *result* as a page with plots and tables.

    It has no scripts, and no references to other files.
    """
    return _PAGE.format(
        name=escape(result.plan.endpoint_name),
        style=_STYLE,
        title=escape(title(result)),
        content="\n".join(_content(result)),
        footer=f"sagemaker-rt {__version__}",
    )


def _content(result: LoadResult) -> Iterator[str]:
    tiles = "".join(_tile(*tile) for tile in _tiles(result))
    yield f'<div class="tiles">{tiles}</div>'
    if found := findings(result):
        items = "".join(f"<li>{escape(text)}</li>" for text in found)
        yield f'<div class="card findings"><ul>{items}</ul></div>'
    yield from _figures(result)
    yield _distributions(result)
    if result.errors:
        yield _errors(result)
    yield _counts(result)


def _tiles(result: LoadResult) -> Iterator[tuple[str, str, bool]]:
    """Yield number, description, and whether it is bad."""
    counts, latency = result.counts, result.latency
    yield rate_text(result.throughput), "successful calls", False
    bad = counts.scheduled - counts.succeeded
    text = f"of {counts.scheduled:,} calls not successful"
    yield percent_text(bad, counts.scheduled), text, bool(bad)
    yield time_text(latency.p50), "latency, p50", False
    if latency.p99 is not None:
        yield time_text(latency.p99), "latency, p99", False
    else:
        yield time_text(latency.max), "latency, maximum", False
    if result.first_token.count:
        item = _item(result)
        yield time_text(result.first_token.p50), f"to the first {item}, p50", False
        rate = rate_text(result.tokens_per_second)
        yield rate, f"{item}s of all streams", False


def _tile(number: str, text: str, is_bad: bool) -> str:  # noqa: FBT001 - private
    class_ = "tile bad" if is_bad else "tile"
    return f'<div class="{class_}"><b>{escape(number)}</b>{escape(text)}</div>'


def _figures(result: LoadResult) -> Iterator[str]:
    width = result.timeline[0].seconds if result.timeline else 0.0
    per_slot = f"of the calls that were due in each {width:g} s"
    begin = "scheduled arrival" if result.plan.loop == "open" else "start"
    item = _item(result)
    few = ""
    if any(slot.succeeded < _FOR_P99 for slot in result.timeline):
        few = f" With fewer than {_FOR_P99} calls, p99 is their maximum."
    if result.latency.count:
        yield _figure(
            "Latency over time",
            f"From the {begin} to the end of the response: percentiles and maximum "
            f"{per_slot}; successful calls only.{few}",
            times_over_time(result, "latency"),
        )
    if result.first_token.count:
        yield _figure(
            f"Time to the first {item} over time",
            f"From the {begin}: percentiles and maximum {per_slot}.{few}",
            times_over_time(result, "first_token"),
        )
    yield _figure(
        "Calls per second",
        f"By what became {per_slot}.",
        calls_over_time(result),
    )
    named = {
        "latency": result.latency,
        f"time to the first {item}": result.first_token,
        f"time per {item}": result.per_token,
    }
    for name, summary in named.items():
        if summary.count:
            yield _figure(
                f"Histogram of {name}",
                f"Number of calls, of {summary.count:,}. A bar has at least the height "
                "of a line, so that single calls are visible.",
                histogram(summary, name),
            )


def _figure(heading: str, caption: str, svg: str) -> str:
    return (
        f"<figure><h2>{escape(heading)}</h2><figcaption>{escape(caption)}</figcaption>"
        f"{svg}</figure>"
    )


def _distributions(result: LoadResult) -> str:
    head = ["", *(name.replace("_", ".") for name in COLUMNS), "calls"]
    rows = [[name, *cells(one)] for name, one in distributions(result).items()]
    begin = "scheduled arrival" if result.plan.loop == "open" else "start"
    note = (
        f"Latency and first {_item(result)} are measured from the {begin}, service "
        "time from the start of the call; start lag is the time between the two, and "
        "so the error of the load generator. A hyphen: too few calls for the "
        "percentile. Percentiles are exact to 0.5 %."
    )
    return _card("Distributions", _table(head, rows), note)


def _errors(result: LoadResult) -> str:
    ended = result.counts.succeeded + result.counts.failed
    rows = [
        [
            error.type,
            f"{error.count:,}",
            percent_text(error.count, ended),
            time_text(error.latency.p50 or error.latency.mean),
            time_text(error.latency.max),
            error.example,
        ]
        for error in result.errors
    ]
    head = ["", "calls", "share", "p50 or mean", "max", "first message"]
    return _card("Errors", _table(head, rows, is_last_text=True), "")


def _counts(result: LoadResult) -> str:
    counts = result.counts
    rows = [
        ["Scheduled", f"{counts.scheduled:,}", rate_text(result.scheduled_rate)],
        [
            "Started in time",
            f"{counts.started_in_time:,}",
            rate_text(result.started_rate),
        ],
        ["Succeeded", f"{counts.succeeded:,}", rate_text(result.throughput)],
        ["Failed", f"{counts.failed:,}", ""],
        ["Dropped", f"{counts.dropped:,}", ""],
        ["Not started at the end", f"{counts.not_started:,}", ""],
        ["In flight at the end", f"{counts.unfinished:,}", ""],
        ["Retries", f"{counts.retries:,}", ""],
        ["Warm-up, not measured", f"{result.warm_up_calls:,}", ""],
        ["Highest number in flight", f"{result.max_in_flight:,}", ""],
    ]
    return _card("Calls", _table(["", "number", "per second"], rows), "")


def _card(heading: str, table: str, note: str) -> str:
    caption = f'<p class="soft">{escape(note)}</p>' if note else ""
    return f'<div class="card"><h2>{escape(heading)}</h2>{table}{caption}</div>'


def _table(
    head: list[str], rows: list[list[str]], *, is_last_text: bool = False
) -> str:
    class_ = ' class="text"' if is_last_text else ""
    *titles, last_title = head
    texts = "".join(f"<th>{escape(text)}</th>" for text in titles)
    lines = [f"<thead><tr>{texts}<th{class_}>{escape(last_title)}</th></tr></thead>"]
    for first, *others, last in rows:
        texts = "".join(f"<td>{escape(text)}</td>" for text in others)
        lines.append(
            f"<tr><th>{escape(first)}</th>{texts}<td{class_}>{escape(last)}</td></tr>"
        )
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _item(result: LoadResult) -> str:
    return "part" if result.plan.unit == "parts" else "token"
