"""Commands in processes of their own, against an emulator in this one."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

from attrs import frozen

from sagemaker_rt.cli.serve import environment
from sagemaker_rt.emulator import Emulator

MAIN = "from sagemaker_rt.cli import main; main()"


@frozen
class Finished:
    """What a command left behind."""

    code: int | None
    out: bytes
    err: str


def surroundings(emulator: Emulator | None = None, **more: str) -> dict[str, str]:
    """Return environment variables that lead to *emulator*, or nowhere."""
    kept = {"PATH", "HOME", "SYSTEMROOT"} & os.environ.keys()
    plain = {name: os.environ[name] for name in kept} | {"NO_COLOR": "1"}
    return plain | (dict(environment(emulator)) if emulator else {}) | more


async def start(
    *arguments: str, environ: Mapping[str, str], main: str = MAIN
) -> asyncio.subprocess.Process:
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


async def run(
    *arguments: str,
    environ: Mapping[str, str],
    stdin: bytes = b"",
    main: str = MAIN,
) -> Finished:
    process = await start(*arguments, environ=environ, main=main)
    out, err = await process.communicate(stdin)
    return Finished(process.returncode, out, err.decode())
