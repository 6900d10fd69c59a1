"""Commands of the command line, run in this process or in an interpreter of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

from attrs import frozen

from sagemaker_rt.cli.commands import run as run_here
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator
from tests.process_state import replaced_environment, replaced_streams

MAIN = "from sagemaker_rt.cli import main; main()"


@frozen
class Finished:
    """Exit code and output of a command."""

    code: int | None
    out: bytes
    err: str


def variables(emulator: Emulator | None = None, **more: str) -> dict[str, str]:
    """Return the environment of a command, with the settings of *emulator*."""
    kept = {"PATH", "HOME", "SYSTEMROOT"} & os.environ.keys()
    plain = {name: os.environ[name] for name in kept} | {"NO_COLOR": "1"}
    return plain | (dict(environment(emulator)) if emulator else {}) | more


async def run(
    *arguments: str, environ: Mapping[str, str], stdin: bytes = b""
) -> Finished:
    """Run a command in a thread of this process, and return what it printed."""
    with replaced_streams(stdin) as streams, replaced_environment(environ):
        code = await asyncio.to_thread(run_here, arguments)
    return Finished(code, streams.out, streams.err.decode())


async def start(
    *arguments: str, environ: Mapping[str, str], main: str = MAIN
) -> asyncio.subprocess.Process:
    """Start a command in an interpreter; the caller waits for its end."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        main,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ,
    )


async def run_alone(
    *arguments: str,
    environ: Mapping[str, str],
    stdin: bytes = b"",
    main: str = MAIN,
) -> Finished:
    """Run a command in an interpreter, and return what it printed."""
    process = await start(*arguments, environ=environ, main=main)
    out, err = await process.communicate(stdin)
    return Finished(process.returncode, out, err.decode())
