"""Runs commands of the command line in this process or in a subprocess."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

from attrs import frozen

from sagemaker_rt.cli.commands import run as run_command
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator
from tests.process_state import replaced_environment, replaced_streams

MAIN = "from sagemaker_rt.cli import main; main()"


@frozen
class Result:
    """Exit code and output of a command."""

    code: int | None
    out: bytes
    err: str


def variables(emulator: Emulator | None = None, **more: str) -> dict[str, str]:
    """Return the environment of a command; its calls go to *emulator*."""
    inherited = {"PATH", "HOME", "SYSTEMROOT"} & os.environ.keys()
    plain = {name: os.environ[name] for name in inherited} | {"NO_COLOR": "1"}
    return plain | (dict(environment(emulator)) if emulator else {}) | more


async def run(
    *arguments: str, environ: Mapping[str, str], stdin: bytes = b""
) -> Result:
    """Run a command in a thread of this process, and return what it printed."""
    with replaced_streams(stdin) as streams, replaced_environment(environ):
        code = await asyncio.to_thread(run_command, arguments)
    return Result(code, streams.out, streams.err.decode())


async def start(
    *arguments: str, environ: Mapping[str, str], main: str = MAIN
) -> asyncio.subprocess.Process:
    """Start a command in a subprocess; the caller waits for its end."""
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


async def run_in_subprocess(
    *arguments: str,
    environ: Mapping[str, str],
    stdin: bytes = b"",
    main: str = MAIN,
) -> Result:
    """Run a command in a subprocess, and return what it printed."""
    process = await start(*arguments, environ=environ, main=main)
    out, err = await process.communicate(stdin)
    return Result(process.returncode, out, err.decode())


def assert_failed(result: Result, code: int, text: str) -> None:
    """Assert an exit code, and one line on standard error that contains *text*."""
    assert (code, b"") == (result.code, result.out)
    assert 1 == len(result.err.splitlines())
    assert text in result.err
    assert result.err.startswith("sagemaker-rt: error: ")
