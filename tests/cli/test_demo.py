from __future__ import annotations

import asyncio
import io
import re
import subprocess
import sys

import pytest
from attrs import frozen
from rich.console import Console

from sagemaker_rt.cli.demo import run_demo

OPERATIONS = [
    "invoke_endpoint",
    "invoke_endpoint_with_response_stream",
    "invoke_endpoint_async",
]
TITLE = re.compile(r"^(?:Results|Script|Read on).*\n", re.MULTILINE)


@frozen
class Printed:
    """The three parts of the output, in their order."""

    results: str
    code: str
    read_on: str


@pytest.fixture
async def printed() -> Printed:
    out = io.StringIO()
    await run_demo(Console(file=out, width=80, soft_wrap=True))
    return Printed(*TITLE.split(out.getvalue())[1:])


async def test_the_demo_prints_the_result_of_each_call(printed: Printed) -> None:
    rows = (row.split(maxsplit=1) for row in printed.results.splitlines() if row)
    results = {row[0]: row[1] for row in list(rows)[:3]}

    assert OPERATIONS == list(results)
    assert ["b'Hello'", "[b'A ', b'response ', b'in ', b'parts']"] == (
        list(results.values())[:2]
    )
    assert results["invoke_endpoint_async"].startswith("b'Later' at s3://")


async def test_the_demo_shows_a_retry(printed: Printed) -> None:
    assert "b'Hello again' at attempt 2" in printed.results


async def test_the_demo_prints_a_script_that_runs(printed: Printed) -> None:
    command = [sys.executable, "-c", printed.code]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "b'Hello' [b'A ', b'response ', b'in ', b'parts'] s3:"
    )
    assert all(f"client.{name}(" in printed.code for name in OPERATIONS)


async def test_the_demo_names_other_commands(printed: Printed) -> None:
    assert ["emulator", "stack", "--help"] == re.findall(
        r"^    sagemaker-rt (\S+)", printed.read_on, re.MULTILINE
    )
