"""Every example of the README, run as it stands, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import frozen

from sagemaker_rt.cli.serve import environment
from sagemaker_rt.emulator import Emulator, echo, tokens

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# what a Python prompt would do: await at the top level
RUNNER = """
import ast, asyncio, inspect, sys
code = compile(sys.stdin.read(), "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
result = eval(code, {"__name__": "__main__"})
if inspect.iscoroutine(result):
    asyncio.run(result)
"""


@frozen
class Example:
    """A block of code, and what is printed by it where the README shows that."""

    code: str
    printed: str | None


def examples(language: str) -> list[Example]:
    blocks = BLOCK.findall(README.read_text())
    following = [*blocks[1:], ("", "")]
    return [
        Example(code, printed if kind == "text" else None)
        for (found, code), (kind, printed) in zip(blocks, following, strict=True)
        if found == language
    ]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(models={"my-endpoint": echo, "my-llm": tokens()}) as emulator:
        emulator.objects["s3://my-bucket/input.json"] = b"{}"
        yield emulator


async def run(command: list[str], emulator: Emulator, stdin: str) -> tuple[str, str]:
    """Run *command* with what leads a client to *emulator*; return its outputs."""
    kept = {"PATH", "HOME", "SYSTEMROOT"} & os.environ.keys()
    environ = {name: os.environ[name] for name in kept}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ | dict(environment(emulator)),
    )
    out, err = await process.communicate(stdin.encode())
    return out.decode(), err.decode()


def title(example: Example) -> str:
    lines = example.code.strip().splitlines()
    return lines[-1].strip()[:40]


@pytest.mark.parametrize("example", examples("python"), ids=title)
async def test_an_example_runs_and_prints_what_it_says(
    example: Example, emulator: Emulator
) -> None:
    command = [sys.executable, "-W", "error", "-c", RUNNER]

    out, err = await run(command, emulator, example.code)

    assert ("", example.printed or "") == (err, out)
