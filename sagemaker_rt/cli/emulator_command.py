"""The command ``sagemaker-rt emulator``."""

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
    stop: asyncio.Event | None = None,
) -> None:
    """Run an emulator until *stop* is set.

    Args:
        out: Receives shell commands that point AWS clients at the emulator; standard
            output by default.
        stop: By default, an event that SIGINT and SIGTERM set.

    Raises:
        OptionsError: *host* is not a loopback address, or *port* is not available.
    """
    async with Emulator(host=host, port=port) as emulator:
        lines = [
            f"export {name}={shlex.quote(value)}" if value else f"unset {name}"
            for name, value in environment(emulator)
        ]
        print(*lines, sep="\n", file=out or sys.stdout, flush=True)
        await (stop or _stop_on_signal()).wait()


def environment(emulator: Emulator) -> list[tuple[str, str]]:
    """Return environment variables that point any AWS client at *emulator*.

    An empty value means that the variable must not be set.
    """
    credentials = emulator.credentials
    return [
        ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", emulator.url),
        ("AWS_ENDPOINT_URL_S3", emulator.s3_url),
        ("AWS_REGION", emulator.region),
        # boto3 reads this one, and not AWS_REGION
        ("AWS_DEFAULT_REGION", emulator.region),
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", credentials.session_token or ""),
    ]


def _stop_on_signal() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    # event loops on Windows have no signal handlers; there, Ctrl-C raises
    # KeyboardInterrupt, which closes the emulator as well
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    return stop
