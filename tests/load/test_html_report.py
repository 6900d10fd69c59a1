from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from sagemaker_rt.load.html_report import html_report
from sagemaker_rt.sansio.load_statistics import CallFacts
from tests.load.results import plan_of, result_of, statistics_of

VOID = {"meta"}


class Outline(HTMLParser):
    """Collects headings, texts of cells, and tags that are not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.references: list[str | None] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.references += [value for name, value in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.open and self.open[-1] in {"h1", "h2"}:
            self.headings.append(data)


def test_a_page_has_plots_and_tables() -> None:
    outline = Outline(html_report(result_of(statistics_of(200))))

    assert [] == outline.open
    assert [
        "my-endpoint",
        "Latency over time",
        "Calls per second",
        "Histogram of latency",
        "Distributions",
        "Calls",
    ] == outline.headings
    assert {"latency, p99", "33.3/s", "200"} <= {*outline.texts}


@pytest.mark.parametrize("unit", ["token", "part"])
def test_a_page_of_streams_has_times_of_tokens(unit: str) -> None:
    statistics = statistics_of(200, is_stream=True)

    page = html_report(result_of(statistics, plan_of(unit=f"{unit}s")))

    assert {
        f"Time to the first {unit} over time",
        f"Histogram of time to the first {unit}",
        f"Histogram of time per {unit}",
    } <= {*Outline(page).headings}


def test_a_page_has_errors_and_findings() -> None:
    statistics = statistics_of(20)
    statistics.schedule(5.0)
    statistics.end(
        CallFacts(due=5.0, started=5.0, ended=6.0, error="E", message="because")
    )

    outline = Outline(html_report(result_of(statistics)))

    assert "Errors" in outline.headings
    assert {"because", "latency, maximum"} <= {*outline.texts}
    assert any(text.startswith("Failed: 1 call") for text in outline.texts)


def test_a_page_without_calls_is_complete() -> None:
    plan = plan_of(loop="closed", rate=None)

    outline = Outline(html_report(result_of(statistics_of(0), plan, seconds=0.0)))

    assert ["my-endpoint", "Calls per second", "Distributions", "Calls"] == (
        outline.headings
    )


def test_names_and_messages_are_escaped() -> None:
    statistics = statistics_of(1)
    statistics.end(
        CallFacts(due=0.0, started=0.0, ended=1.0, error="<b>", message="<script>")
    )

    page = html_report(result_of(statistics, plan_of(endpoint_name="<i>")))

    assert [] == re.findall("<(?:b|i|script)>(?!\\d)", page.replace("<b>-", ""))[2:]
    assert "&lt;script&gt;" in page


def test_a_page_refers_to_nothing() -> None:
    page = html_report(result_of())

    assert [] == Outline(page).references
    assert [] == re.findall(r"url\(|@import|https?://|<script", page)
