"""A headless Chromium, driven by the DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse

__all__ = ["CHROMIUM", "Page", "open_page"]

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM: Final = next(filter(None, map(shutil.which, _NAMES)), None)
"""The path of the browser; None if there is none on this machine."""

_SWITCHES: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
    "--window-size=900,700",
)
_UNTIL: Final = """
new Promise((resolve) => {
  const check = () => { if (CONDITION) { observer.disconnect(); resolve(true); } };
  const observer = new MutationObserver(check);
  observer.observe(document, {subtree: true, childList: true, attributes: true,
                              characterData: true});
  check();
})
"""


class Page:
    """A page in the browser."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._is_loaded = False
        self.errors: list[str] = []
        """What the browser reported: exceptions, and violations of the policy."""

    async def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(30):
            while (message := await self._receive()).get("id") != number:
                pass
        assert "error" not in message, message["error"]
        result: dict[str, Any] = message["result"]
        return result

    async def open(self, url: str) -> None:
        """Open *url*, and wait until the page is loaded.

        An expression that is evaluated before may wait in the page before.
        """
        self._is_loaded = False
        await self.command("Page.navigate", url=url)
        async with asyncio.timeout(30):
            while not self._is_loaded:
                await self._receive()

    async def _receive(self) -> dict[str, Any]:
        """Return the next message of the browser; note what events report."""
        message: dict[str, Any] = await self._socket.receive_json()
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(str(message["params"]["exceptionDetails"]))
            case "Log.entryAdded":
                self.errors.append(message["params"]["entry"]["text"])
            case "Page.loadEventFired":
                self._is_loaded = True
        return message

    async def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        result = await self.command(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        await self.value(_UNTIL.replace("CONDITION", condition))

    async def type(self, text: str) -> None:
        """Type text where the cursor is."""
        await self.command("Input.insertText", text=text)

    async def press(self, key: str, code: int) -> None:
        """Press a key, and release it."""
        for kind in ("rawKeyDown", "keyUp"):
            await self.command(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
            )

    async def screenshot(self) -> bytes:
        """Return a picture of what is visible, as PNG."""
        result = await self.command("Page.captureScreenshot", format="png")
        return base64.b64decode(result["data"])


@asynccontextmanager
async def open_page(url: str, folder: Path) -> AsyncIterator[Page]:
    """Start the browser with its data in *folder*, and open *url*."""
    assert CHROMIUM is not None
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *_SWITCHES,
        f"--user-data-dir={folder}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert browser.stderr is not None
        while b"DevTools listening on" not in (line := await browser.stderr.readline()):
            assert line, "the browser has ended"
        address = line.decode().split("ws://")[1].split("/")[0]
        # the pipe must not fill up
        reading = asyncio.create_task(browser.stderr.read())
        async with ClientSession() as session:
            async with session.get(f"http://{address}/json/list") as response:
                targets = await response.json()
            target = next(one for one in targets if one["type"] == "page")
            async with session.ws_connect(
                target["webSocketDebuggerUrl"], max_msg_size=0
            ) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await page.command(f"{domain}.enable")
                await page.open(url)
                await page.until("document.getElementById('endpoint')?.textContent")
                yield page
        browser.terminate()
        await reading
    finally:
        if browser.returncode is None:
            browser.kill()
        await browser.wait()
