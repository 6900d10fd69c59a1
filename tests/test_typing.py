"""Middleware authors lean on their type checker, so both are asked what they see."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = sorted((ROOT / "tests" / "typing").glob("*.py"))


def output_of(*arguments: str | Path) -> str:
    """Run a checker from the project's root, where its settings are."""
    command = [sys.executable, "-m", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    return run.stdout


def mypy(program: Path) -> set[int]:
    report = output_of("mypy", program)
    return {
        int(line) for line in re.findall(r"^[^:]+:(\d+): error", report, re.MULTILINE)
    }


def pyright(program: Path) -> set[int]:
    interpreter = f"--pythonpath={sys.executable}"
    report = output_of("basedpyright", "--outputjson", interpreter, program)
    diagnostics = json.loads(report)["generalDiagnostics"]
    return {diagnostic["range"]["start"]["line"] + 1 for diagnostic in diagnostics}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_checker_refuses_the_marked_lines_and_no_others(
    checker: Callable[[Path], set[int]], program: Path
) -> None:
    lines = program.read_text(encoding="utf-8").splitlines()

    refused = checker(program)

    assert {n for n, line in enumerate(lines, 1) if "# error" in line} == refused
