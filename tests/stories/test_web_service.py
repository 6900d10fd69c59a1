"""The web service in streaming/README.md, run by uvicorn on a socket."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn
from aiohttp import ClientSession
from attrs import frozen

import sagemaker_rt
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import (
    HANG_UP,
    CutStream,
    Emulator,
    InvocationRequest,
    ModelFailure,
    ModelResponse,
    throttle,
)
from tests.process_state import replaced_environment
from tests.transport.servers import open_files

README: Final = Path(sagemaker_rt.__file__).parent / "streaming" / "README.md"
PYTHON: Final = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROMPT: Final = {"text": "Grüße\n\nan 🐟"}
REPLY: Final = "You said: Grüße\n\nan 🐟"


def application(every: float) -> Any:
    """Return the application of the README, with heartbeats as often as *every* s."""
    blocks = PYTHON.findall(README.read_text(encoding="utf-8"))
    (code,) = (block for block in blocks if "FastAPI(" in block)
    namespace: dict[str, Any] = {"__name__": "web_service"}
    exec(code.replace("every=5", f"every={every}"), namespace)  # noqa: S102 - our own README
    return namespace["app"]


class Silent:
    """A chat model that streams one word, and nothing more until it is cancelled."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> ModelResponse:
        return ModelResponse(self._parts(), content_type="text/event-stream")

    async def _parts(self) -> AsyncIterator[bytes]:
        try:
            yield b'data: {"choices": [{"index": 0, "delta": {"content": "one"}}]}\n\n'
            await asyncio.Event().wait()
        finally:
            self.ended.set()


@frozen
class Service:
    """A running web service, and the emulator behind it."""

    url: str
    port: int
    emulator: Emulator


@asynccontextmanager
async def running(
    emulator: Emulator, every: float = 60, **settings: Any
) -> AsyncIterator[Service]:
    """Run the application by uvicorn."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    settings_of_client = {"AWS_MAX_ATTEMPTS": "1", **dict(environment(emulator))}
    del settings_of_client["AWS_SESSION_TOKEN"]
    with replaced_environment(settings_of_client):
        config = uvicorn.Config(
            application(every), lifespan="on", log_level="error", **settings
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Service(f"http://127.0.0.1:{port}", port, emulator)
        finally:
            server.should_exit = True
            await serving
            listener.close()


@pytest.fixture(params=["httptools", "h11"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    async with (
        Emulator() as emulator,
        running(emulator, http=request.param) as service,
    ):
        yield service


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def each_byte(body: bytes) -> AsyncIterator[bytes]:
    for position in range(len(body)):
        yield body[position : position + 1]


def events_in(text: str) -> list[tuple[str, Any]]:
    """Return the type and the data of each event."""
    events = []
    for block in text.split("\n\n")[:-1]:
        if block.startswith(":"):
            events.append(("comment", None))
            continue
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((lines.get("event", "message"), json.loads(lines["data"])))
    return events


async def test_a_route_returns_the_response_of_the_model(
    service: Service, http: ClientSession
) -> None:
    async with http.post(f"{service.url}/generate", json=PROMPT) as response:
        answer = await response.json()

    assert response.status == 200
    assert REPLY == answer["choices"][0]["message"]["content"]


async def test_a_route_streams_the_text_as_events(
    service: Service, http: ClientSession
) -> None:
    async with http.post(f"{service.url}/stream", json=PROMPT) as response:
        events = events_in(await response.text())

    assert "text/event-stream" in response.headers["Content-Type"]
    assert ("done", {}) == events[-1]
    assert REPLY == "".join(data["text"] for _, data in events[:-1])


async def test_parts_that_end_inside_characters_become_whole_text(
    service: Service, http: ClientSession
) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "Grüße 🐟"}}]}
    body = f"data: {json.dumps(chunk, ensure_ascii=False)}\n\ndata: [DONE]\n\n".encode()

    async def bytewise(request: InvocationRequest) -> ModelResponse:
        return ModelResponse(each_byte(body), content_type="text/event-stream")

    service.emulator.deploy("chat", bytewise)

    async with http.post(f"{service.url}/stream", json=PROMPT) as response:
        events = events_in(await response.text())

    assert [("message", {"text": "Grüße 🐟"}), ("done", {})] == events


@pytest.mark.parametrize("path", ["generate", "stream"])
@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (
            ModelFailure(400, "This model's maximum context length is 8192 tokens."),
            (422, "context-length-exceeded"),
        ),
        (ModelFailure(429, "Model is overloaded"), (503, "overloaded")),
        (ModelFailure(0, "Your invocation timed out"), (504, "model-timeout")),
        (ModelFailure(500, "list index out of range"), (502, None)),
        (throttle(), (503, None)),
        (HANG_UP, (502, None)),
    ],
    ids=str,
)
async def test_an_error_before_the_first_byte_has_a_status(
    service: Service,
    http: ClientSession,
    path: str,
    failure: Any,
    expected: tuple[int, str | None],
) -> None:
    async def fails(request: InvocationRequest) -> bytes:
        raise failure

    if isinstance(failure, ModelFailure):
        service.emulator.deploy("chat", fails)
    else:
        service.emulator.fail_next(failure)

    async with http.post(f"{service.url}/{path}", json=PROMPT) as response:
        answer = await response.json()

    assert expected == (response.status, answer["reason"])


async def test_a_body_that_is_not_valid_is_refused(
    service: Service, http: ClientSession
) -> None:
    async with http.post(f"{service.url}/stream", json={"text": 1}) as response:
        assert response.status == 422


async def test_an_error_after_the_first_byte_is_an_event(
    service: Service, http: ClientSession
) -> None:
    service.emulator.fail_next(CutStream(frames=60))

    async with http.post(f"{service.url}/stream", json=PROMPT) as response:
        events = events_in(await response.text())

    assert response.status == 200
    assert "error" == events[-1][0]
    assert "done" not in dict(events)


async def test_silence_is_filled_with_heartbeats(http: ClientSession) -> None:
    async with (
        Emulator(models={"chat": Silent()}) as emulator,
        running(emulator, every=0.01) as service,
        http.post(f"{service.url}/stream", json=PROMPT) as response,
    ):
        text = (await response.content.readuntil(b": the model is silent\n\n")).decode()

    assert [("message", {"text": "one"}), ("comment", None)] == events_in(text)


async def request_stream(
    port: int,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request for a stream, on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(PROMPT).encode()
    head = (
        "POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    return reader, writer


@pytest.mark.parametrize("leave", ["close", "abort"])
@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_the_stream_is_aborted_when_the_reader_goes_away(
    leave: str, http: str
) -> None:
    model = Silent()
    async with (
        Emulator(models={"chat": model}) as emulator,
        running(emulator, http=http) as service,
    ):
        # the first call opens what stays open
        for is_first in (True, False):
            tasks, files = asyncio.all_tasks(), open_files()
            model.ended.clear()
            reader, writer = await request_stream(service.port)
            await reader.readuntil(b"one")
            (writer.close if leave == "close" else writer.transport.abort)()
            async with asyncio.timeout(10):
                await model.ended.wait()
                while not is_first and (
                    asyncio.all_tasks() - tasks or open_files() > files
                ):
                    await asyncio.sleep(0.005)
                    gc.collect()
