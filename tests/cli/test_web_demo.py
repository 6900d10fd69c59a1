from __future__ import annotations

import asyncio
import io
import re
import signal

import pytest
from aiohttp import ClientSession

from sagemaker_rt.cli.arguments import Connection
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.cli.web_demo import run_web_demo
from sagemaker_rt.emulator import Emulator, chat
from tests.cli import running
from tests.process_state import replaced_environment

MESSAGES = {"messages": [{"role": "user", "content": "Hi"}]}


class Output(io.StringIO):
    """An output whose first line can be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self.is_flushed = asyncio.Event()

    def flush(self) -> None:
        self.is_flushed.set()


async def reply_of(line: str) -> str:
    """Return the events of the page that *line* names."""
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found is not None
    async with ClientSession() as http:
        async with http.get(found[0]) as response:
            assert "<!doctype html>" in await response.text()
        async with http.post(f"{found[0]}chat", json=MESSAGES) as response:
            return await response.text()


async def test_the_page_talks_to_a_model_of_the_emulator() -> None:
    out, stop = Output(), asyncio.Event()
    serving = asyncio.create_task(run_web_demo(out=out, stop=stop))
    await out.is_flushed.wait()

    reply = await reply_of(out.getvalue())
    stop.set()
    await serving

    assert "Chat with the emulator at" in out.getvalue()
    assert "event: done" in reply


async def test_the_page_can_talk_to_another_endpoint() -> None:
    out, stop = Output(), asyncio.Event()
    models = {"own": chat(lambda text: f"Echo: {text}")}
    async with Emulator(models=models) as emulator:
        with replaced_environment({n: v for n, v in environment(emulator) if v}):
            serving = asyncio.create_task(
                run_web_demo(
                    endpoint_name="own", connection=Connection(), out=out, stop=stop
                )
            )
            await out.is_flushed.wait()
            reply = await reply_of(out.getvalue())
            stop.set()
            await serving

    assert "Chat with own at" in out.getvalue()
    assert "Echo:" in reply


async def test_the_command_serves_the_page_until_it_is_interrupted() -> None:
    process = await running.start("demo", "--web", environ=running.variables())
    assert process.stdout is not None

    reply = await reply_of((await process.stdout.readline()).decode())
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()

    assert "event: done" in reply
    assert (0, b"") == (process.returncode, err)


@pytest.mark.parametrize("option", ["--port=80", "--endpoint-name=own", "--region=r"])
async def test_the_options_of_the_page_need_web(option: str) -> None:
    result = await running.run("demo", option, environ=running.variables())

    assert result.code == 2
    assert "--web" in result.err
