"""The emulator as a command."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from typing import TextIO

from sagemaker_rt.emulator import Emulator

__all__ = ["environment", "serve"]


async def serve(
    host: str,
    port: int,
    *,
    out: TextIO | None = None,
    until: asyncio.Event | None = None,
) -> None:
    """Run an emulator, saying how to point a client at it, until *until* is set.

    What it says is for a shell to evaluate. Without *until*, an interrupt and a request
    to terminate end it, and it is closed.
    """
    async with Emulator(host=host, port=port) as emulator:
        lines = [
            f"export {name}={shlex.quote(value)}" if value else f"unset {name}"
            for name, value in environment(emulator)
        ]
        print(*lines, sep="\n", file=out or sys.stdout, flush=True)
        await (until or _ending()).wait()


def environment(emulator: Emulator) -> list[tuple[str, str]]:
    """Return the variables that lead any AWS client to *emulator*; "" is unset."""
    credentials = emulator.credentials
    return [
        ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", emulator.url),
        ("AWS_ENDPOINT_URL_S3", emulator.s3_url),
        ("AWS_REGION", emulator.region),
        ("AWS_DEFAULT_REGION", emulator.region),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", credentials.session_token or ""),
    ]


def _ending() -> asyncio.Event:
    """Return what is set when somebody wants this process to end."""
    ending = asyncio.Event()
    if sys.platform != "win32":  # whose event loop cannot; an interrupt ends it there
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ending.set)
    return ending
