"""The command ``sagemaker-rt demo --web``: a chat page on this machine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, TextIO

from sagemaker_rt.cli.arguments import Connection
from sagemaker_rt.cli.chat_server import ChatServer
from sagemaker_rt.cli.emulator_command import environment, stop_on_signal
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, chat

__all__ = ["run_web_demo"]

_ENDPOINT: Final = "chat"
_PAUSE: Final = 0.04  # seconds before each word


async def run_web_demo(
    *,
    port: int = 0,
    endpoint_name: str | None = None,
    connection: Connection | None = None,
    out: TextIO | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve a chat page until *stop* is set.

    Args:
        port: Port to listen on; 0 selects a free one.
        endpoint_name: Endpoint of a chat model; None for a model of the emulator.
        connection: Options of the client that calls *endpoint_name*.
        out: Receives the URL of the page; standard output by default.
        stop: By default, an event that SIGINT and SIGTERM set.

    Raises:
        OptionsError: The port is not available.
    """
    async with (
        _client(endpoint_name, connection or Connection()) as client,
        ChatServer(client, endpoint_name or _ENDPOINT).listening(port) as url,
    ):
        print(f"Chat with {endpoint_name or 'the emulator'} at {url}", file=out)
        (out or sys.stdout).flush()
        await (stop or stop_on_signal()).wait()


@asynccontextmanager
async def _client(
    endpoint_name: str | None, connection: Connection
) -> AsyncGenerator[Client]:
    """Open a client, and an emulator unless an endpoint is named."""
    if endpoint_name is not None:
        async with connection.client() as client:
            yield client
        return
    models = {_ENDPOINT: chat(_reply, pause=_PAUSE)}
    async with (
        Emulator(models=models) as emulator,
        Client(environ=dict(environment(emulator))) as client,
    ):
        yield client


def _reply(text: str) -> str:
    return (
        f"You said: {text}\n\nThis is the chat model of the emulator, which runs in "
        "the process that serves this page. It repeats your prompt, and streams its "
        "reply word by word, in the form in which vLLM does. With --endpoint-name, "
        "the page talks to an endpoint of your own."
    )
