from __future__ import annotations

import ast
import io
import re
from textwrap import dedent

import pytest
from attrs import frozen
from rich.console import Console

from sagemaker_rt.cli.demo import run_demo

OPERATIONS = [
    "invoke_endpoint",
    "invoke_endpoint_with_response_stream",
    "invoke_endpoint_async",
]
TITLE = re.compile(r"^(?:Results|Code|Read on).*\n", re.MULTILINE)
SYNTAX_ONLY = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


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


async def test_the_demo_prints_the_code_of_the_calls(printed: Printed) -> None:
    code = compile(dedent(printed.code), "demo", "exec", SYNTAX_ONLY)

    attributes = {n.attr for n in ast.walk(code) if isinstance(n, ast.Attribute)}
    assert {*OPERATIONS} <= attributes


async def test_the_demo_names_other_commands(printed: Printed) -> None:
    assert ["emulator", "stack", "--help"] == re.findall(
        r"^    sagemaker-rt (\S+)", printed.read_on, re.MULTILINE
    )
