"""The page of a load test, in a headless Chromium if there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt import Client
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator, service_unavailable
from sagemaker_rt.load import OpenLoop, html_report, run
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamInput
from tests.stories.browser import CHROMIUM, Page, open_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

LABELS = """
Array.from(document.querySelectorAll('svg'), svg =>
  Array.from(svg.querySelectorAll('text'), text => {
    const {left, right, top, bottom} = text.getBoundingClientRect();
    return [text.textContent, left, right, top, bottom];
  }))
"""


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    input = InvokeEndpointWithResponseStreamInput(
        endpoint_name="tokens", body=b"one two three"
    )
    async with (
        Emulator() as emulator,
        Client(environ=dict(environment(emulator)), retry_mode="off") as client,
    ):
        emulator.fail_next(service_unavailable(), service_unavailable())
        result = await run(client, input, OpenLoop(100), seconds=1.5)
    file = tmp_path / "report.html"
    file.write_text(html_report(result), encoding="utf-8")
    async with open_page(file.as_uri(), tmp_path / "browser") as page:
        yield page


async def colors(page: Page, scheme: str) -> list[str]:
    """Return the colors of text and page."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    await page.command("Emulation.setEmulatedMedia", features=features)
    found: list[str] = await page.value(
        "(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))"
    )
    return found


def overlaps(one: list[Any], other: list[Any]) -> bool:
    (_, left, right, top, bottom), (_, left_2, right_2, top_2, bottom_2) = one, other
    return bool(left < right_2 and left_2 < right and top < bottom_2 and top_2 < bottom)


async def test_the_page_can_be_read(page: Page) -> None:
    assert [] == page.errors
    assert "tokens" == await page.value("document.querySelector('h1').textContent")
    assert 6 == await page.value("document.querySelectorAll('svg').length")
    assert await page.value("document.documentElement.scrollWidth <= innerWidth")
    text = await page.value("document.body.innerText")
    assert "ServiceUnavailable" in text
    assert "Failed: 2 calls" in text


async def test_labels_do_not_overlap(page: Page) -> None:
    plots: list[list[list[Any]]] = await page.value(LABELS)

    assert [] == [
        (one[0], other[0])
        for labels in plots
        for one, other in combinations(labels, 2)
        if overlaps(one, other)
    ]


async def test_the_page_is_light_or_dark(page: Page) -> None:
    assert ["rgb(27, 35, 48)", "rgb(246, 247, 249)"] == await colors(page, "light")
    assert ["rgb(230, 235, 242)", "rgb(17, 21, 27)"] == await colors(page, "dark")
