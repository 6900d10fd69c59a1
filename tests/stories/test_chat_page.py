"""The chat page, in a headless Chromium if there is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagemaker_rt import Client
from sagemaker_rt.cli.chat_server import ChatServer
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelResponse, failing
from tests.stories.browser import CHROMIUM, Page, open_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

INJECTION = '<img src=x onerror="document.title=1"><script>alert(2)</script> & 🐟'
ENDED = "document.querySelector('.reply') && !document.querySelector('.running')"
FIRST = b'data: {"choices": [{"index": 0, "delta": {"content": "one"}}]}\n\n'


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def page(emulator: Emulator, tmp_path: Path) -> AsyncIterator[Page]:
    async with (
        Client(environ=dict(environment(emulator)), max_attempts=1) as client,
        ChatServer(client, "chat").listening() as url,
        open_page(url, tmp_path) as page,
    ):
        yield page


async def send(page: Page, prompt: str) -> None:
    await page.type(prompt)
    await page.press("Enter", 13)


async def texts(page: Page, selector: str) -> list[str]:
    """Return the texts of elements."""
    found = f"Array.from(document.querySelectorAll('{selector}'), e => e.textContent)"
    result: list[str] = await page.value(found)
    return result


async def test_a_prompt_is_answered_with_its_timing(page: Page) -> None:
    await send(page, "Hello there")
    await page.until(ENDED)

    assert ["Hello there"] == await texts(page, ".own .text")
    assert ["You said: Hello there"] == await texts(page, ".reply .text")
    first, tokens, rate = await texts(page, ".reply .facts span")
    assert first.startswith("first token after ")
    assert "4 tokens" == tokens
    assert rate.endswith(" tokens/s")
    assert [] == page.errors


async def test_text_is_never_html(page: Page) -> None:
    await send(page, INJECTION)
    await page.until(ENDED)

    assert [INJECTION] == await texts(page, ".own .text")
    assert [f"You said: {INJECTION}"] == await texts(page, ".reply .text")
    assert "sagemaker-rt chat" == await page.value("document.title")
    assert 0 == await page.value("document.querySelectorAll('img, main script').length")


async def test_a_reply_that_is_cancelled_aborts_the_stream(
    page: Page, emulator: Emulator
) -> None:
    ended = asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        try:
            yield FIRST
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def silent(request: InvocationRequest) -> ModelResponse:
        return ModelResponse(parts(), content_type="text/event-stream")

    emulator.deploy("chat", silent)
    await send(page, "Hello")
    await page.until("document.querySelector('.reply .text')?.textContent === 'one'")

    await page.press("Escape", 27)

    async with asyncio.timeout(30):
        await ended.wait()
    await page.until(ENDED)
    assert "cancelled" in await texts(page, ".reply .facts span")
    assert ["Send"] == await texts(page, "#button")


async def test_an_error_is_shown_and_the_next_prompt_works(
    page: Page, emulator: Emulator
) -> None:
    before = emulator.requests
    emulator.deploy("chat", failing(500, "CUDA <b>out of memory</b>"))
    await send(page, "Hello")
    await page.until(ENDED)

    (message,) = await texts(page, ".reply .bad")

    assert "CUDA <b>out of memory</b>" in message
    assert "out-of-memory" in message
    assert len(before) == 1


async def test_the_page_fits_narrow_windows_and_both_colour_schemes(page: Page) -> None:
    await send(page, "Hello there")
    await page.until(ENDED)
    light = await page.screenshot()

    scheme = {"name": "prefers-color-scheme", "value": "dark"}
    await page.command("Emulation.setEmulatedMedia", features=[scheme])
    await page.command(
        "Emulation.setDeviceMetricsOverride",
        width=320,
        height=480,
        deviceScaleFactor=1,
        mobile=True,
    )

    assert light != await page.screenshot()
    right, bottom = await page.value(
        "(({right, bottom}) => [right, bottom])(button.getBoundingClientRect())"
    )
    assert right <= 320
    assert bottom <= 480
    assert not await page.value("document.documentElement.scrollWidth > innerWidth")
