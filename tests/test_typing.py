"""Users lean on their type checker, so both are asked what they see.

Programs whose names begin with ``accepted`` are what users write, and together use all
that there is. The others have lines that must be refused, each marked with ``# error``.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from sagemaker_rt.options.fields import OptionFields
from tests.public_surface import PublicName, public_names

ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = sorted((ROOT / "tests" / "typing").glob("*.py"))
ACCEPTED: Final = [path for path in PROGRAMS if path.stem.startswith("accepted")]


Refused: TypeAlias = dict[str, set[int]]
"""The numbers of the lines that a checker refuses, by the program's name."""


def output_of(*arguments: str | Path) -> str:
    """Run a checker from the project's root, where its settings are."""
    command = [sys.executable, "-m", *arguments, *PROGRAMS]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    return run.stdout


@cache
def mypy() -> Refused:
    refused: Refused = defaultdict(set)
    for path, line in re.findall(
        r"^(.+?):(\d+): error", output_of("mypy"), re.MULTILINE
    ):
        refused[Path(path).name].add(int(line))
    return refused


@cache
def pyright() -> Refused:
    refused: Refused = defaultdict(set)
    interpreter = f"--pythonpath={sys.executable}"
    report = output_of("basedpyright", "--outputjson", interpreter)
    for diagnostic in json.loads(report)["generalDiagnostics"]:
        line = diagnostic["range"]["start"]["line"] + 1
        refused[Path(diagnostic["file"]).name].add(line)
    return refused


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_checker_refuses_the_marked_lines_and_no_others(
    checker: Callable[[], Refused], program: Path
) -> None:
    lines = program.read_text(encoding="utf-8").splitlines()

    refused = checker()[program.name]

    assert {n for n, line in enumerate(lines, 1) if "# error" in line} == refused


def test_accepted_programs_have_no_marks_and_the_others_have_some() -> None:
    marked = [path for path in PROGRAMS if "# error" in path.read_text("utf-8")]

    assert [path for path in PROGRAMS if path not in ACCEPTED] == marked


def nodes() -> list[ast.AST]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ACCEPTED]
    return [node for tree in trees for node in ast.walk(tree)]


def test_every_public_name_is_in_an_accepted_program() -> None:
    imported = {
        PublicName(node.module, alias.name): alias.asname or alias.name
        for node in nodes()
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    used = {node.id for node in nodes() if isinstance(node, ast.Name)}

    missing = [n for n in public_names() if imported.get(n) not in used]

    assert [] == missing, "write what users do with them, in tests/typing"


def test_every_option_is_given_by_keyword_in_an_accepted_program() -> None:
    given = {node.arg for node in nodes() if isinstance(node, ast.keyword)}

    assert set() == OptionFields.__optional_keys__ - given
