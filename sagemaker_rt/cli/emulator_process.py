"""An emulator in a process beside that of a command, which needs its own CPU.

``python -m sagemaker_rt.cli.emulator_process`` prints the variables of its emulator as
a line of JSON, and runs until the end of its standard input. It therefore ends with the
process that started it, however that ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import OptionsError

__all__ = ["emulator_process", "serve_until_end_of_input"]

_RECORDED_REQUESTS: Final = 10


@asynccontextmanager
async def emulator_process() -> AsyncGenerator[dict[str, str]]:
    """Run an emulator in a block; the value is the environment of its clients.

    Raises:
        OptionsError: The process did not start.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sagemaker_rt.cli.emulator_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C ends the command, and not the emulator first
    )
    assert process.stdin is not None  # noqa: S101 - a pipe
    assert process.stdout is not None  # noqa: S101 - a pipe
    try:
        line = await process.stdout.readline()
        if not line:
            message = "the emulator did not start"
            raise OptionsError(message)
        yield json.loads(line)
    finally:
        process.stdin.close()
        await process.wait()


async def serve_until_end_of_input() -> None:
    """Run an emulator until the end of standard input."""
    async with Emulator(record_limit=_RECORDED_REQUESTS) as emulator:
        print(json.dumps(dict(environment(emulator))), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve_until_end_of_input())
