from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession

from sagemaker_rt import Client, OptionsError
from sagemaker_rt.cli.chat_server import ChatServer
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import (
    CutStream,
    Emulator,
    InvocationRequest,
    ModelFailure,
    ModelResponse,
)

MESSAGES = {"messages": [{"role": "user", "content": "<b>Hi</b> & bye"}]}
FIRST = b'data: {"choices": [{"index": 0, "delta": {"content": "one"}}]}\n\n'


class Silent:
    """A chat model that streams one word, and nothing more until it is cancelled."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> ModelResponse:
        return ModelResponse(self._parts(), content_type="text/event-stream")

    async def _parts(self) -> AsyncIterator[bytes]:
        try:
            yield FIRST
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def failing(request: InvocationRequest) -> bytes:
    raise ModelFailure(500, "CUDA out of memory")


@asynccontextmanager
async def serving(every: float = 60, **models: Any) -> AsyncIterator[str]:
    """Serve the page for an emulator, and yield its URL."""
    async with (
        Emulator(models=models) as emulator,
        Client(environ=dict(environment(emulator)), max_attempts=1) as client,
        ChatServer(client, "chat", every=every).listening() as url,
    ):
        yield url


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving() as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def events_in(text: str) -> list[tuple[str, Any]]:
    """Return the type and the data of each event."""
    found = re.findall(r"(?:event: (\w+)\n)?data: (.*)\n\n", text)
    return [(kind, json.loads(data)) for kind, data in found]


async def test_the_reply_is_streamed_as_events(url: str, http: ClientSession) -> None:
    async with http.post(f"{url}chat", json=MESSAGES) as response:
        events = events_in(await response.text())

    assert "text/event-stream" == response.content_type
    text = "".join(data["text"] for _, data in events[:-1])
    assert "You said: <b>Hi</b> & bye" == text
    assert ("done", {"finish_reason": "stop", "completion_tokens": 5}) == events[-1]


async def test_the_name_of_the_endpoint_is_shown(url: str, http: ClientSession) -> None:
    async with http.get(f"{url}endpoint") as response:
        assert "chat" == await response.json()


async def test_an_error_before_the_reply_has_a_status(http: ClientSession) -> None:
    async with (
        serving(chat=failing) as url,
        http.post(f"{url}chat", json=MESSAGES) as response,
    ):
        failure = await response.json()

    assert (502, "out-of-memory") == (response.status, failure["reason"])
    assert "CUDA out of memory" in failure["message"]


async def test_an_error_inside_the_reply_is_an_event(http: ClientSession) -> None:
    async with (
        Emulator() as emulator,
        Client(environ=dict(environment(emulator))) as client,
        ChatServer(client, "chat").listening() as url,
    ):
        emulator.fail_next(CutStream(frames=3))
        async with http.post(f"{url}chat", json=MESSAGES) as response:
            events = events_in(await response.text())

    assert response.status == 200
    assert ("error", None) == (events[-1][0], events[-1][1]["reason"])


async def test_silence_is_filled_with_comments(http: ClientSession) -> None:
    async with (
        serving(every=0.01, chat=Silent()) as url,
        http.post(f"{url}chat", json=MESSAGES) as response,
    ):
        text = await response.content.readuntil(b": no text yet\n\n")

    assert [("", {"text": "one"})] == events_in(text.decode())


async def test_a_reader_that_goes_away_aborts_the_stream(http: ClientSession) -> None:
    model = Silent()
    async with serving(chat=model) as url:
        async with http.post(f"{url}chat", json=MESSAGES) as response:
            await response.content.readuntil(b"one")

        async with asyncio.timeout(10):
            await model.ended.wait()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["", "endpoint", "chat"])
async def test_other_sites_are_refused(
    url: str, http: ClientSession, path: str, headers: dict[str, str]
) -> None:
    method = "POST" if path == "chat" else "GET"

    async with http.request(method, url + path, headers=headers) as response:
        assert response.status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_page_itself_is_accepted(
    url: str, http: ClientSession, host: str
) -> None:
    authority = url.removeprefix("http://").strip("/").replace("127.0.0.1", host)
    headers = {"Host": authority, "Origin": f"http://{authority}"}

    async with http.get(url, headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'"messages"', b"[" * 100_000, b"\xff"]
)
async def test_a_body_without_messages_is_refused(
    url: str, http: ClientSession, body: bytes
) -> None:
    async with http.post(f"{url}chat", data=body) as response:
        assert response.status == 400


async def test_the_policy_allows_the_code_of_the_page_alone(
    url: str, http: ClientSession
) -> None:
    async with http.get(url) as response:
        page = await response.text()
    policy = response.headers["Content-Security-Policy"]

    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


async def test_the_page_needs_no_other_host_and_writes_no_html(
    url: str, http: ClientSession
) -> None:
    async with http.get(url) as response:
        page = await response.text()

    assert not re.findall(r"https?://|\bsrc=|@import|url\(", page)
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write", page)
    assert not re.findall(r"\son\w+=|\sstyle=|\beval\b", page)


@pytest.mark.parametrize("port", [-1, 70_000])
async def test_a_port_that_is_not_valid_is_refused(port: int) -> None:
    async with Client(environ={}) as client:
        with pytest.raises(OptionsError, match=str(port)):
            async with ChatServer(client, "chat").listening(port):
                pass


async def test_a_port_that_is_in_use_is_refused(url: str) -> None:
    port = int(url.rstrip("/").rpartition(":")[2])
    async with Client(environ={}) as client:
        with pytest.raises(OptionsError, match="cannot be served"):
            async with ChatServer(client, "chat").listening(port):
                pass
