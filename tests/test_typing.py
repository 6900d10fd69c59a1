"""Programs in ``tests/typing`` that mypy and pyright must accept or reject.

Programs named ``accepted*`` are code that users write; together they use every public
name and every option. In the others, checkers must reject each line that is marked with
``# error``, and no other line.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from sagemaker_rt.options.fields import OptionFields
from tests.public_surface import PublicName, public_names

ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = sorted((ROOT / "tests" / "typing").glob("*.py"))
ACCEPTED: Final = [path for path in PROGRAMS if path.stem.startswith("accepted")]


Rejected: TypeAlias = set[tuple[str, int]]
"""The lines that a checker rejects: the program's file name and the line's number."""


def output_of(*arguments: str | Path) -> str:
    """Run a checker from the root of the project, where its settings are."""
    command = [sys.executable, "-m", *arguments, *PROGRAMS]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    return run.stdout


def rejected_by_mypy() -> Rejected:
    errors = re.findall(r"^(.+?):(\d+): error", output_of("mypy"), re.MULTILINE)
    return {(Path(path).name, int(line)) for path, line in errors}


def rejected_by_pyright() -> Rejected:
    interpreter = f"--pythonpath={sys.executable}"
    report = output_of("basedpyright", "--outputjson", interpreter)
    return {
        (Path(found["file"]).name, found["range"]["start"]["line"] + 1)
        for found in json.loads(report)["generalDiagnostics"]
    }


def marked_lines() -> Rejected:
    return {
        (program.name, number)
        for program in PROGRAMS
        for number, line in enumerate(program.read_text("utf-8").splitlines(), 1)
        if "# error" in line
    }


@pytest.mark.parametrize("rejected_by", [rejected_by_mypy, rejected_by_pyright])
def test_a_checker_rejects_the_marked_lines_and_no_others(
    rejected_by: Callable[[], Rejected],
) -> None:
    rejected = rejected_by()

    assert [] == sorted(marked_lines() - rejected), "these lines are accepted"
    assert [] == sorted(rejected - marked_lines()), "these lines are rejected"


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

    assert [] == missing, "use these names in an accepted program of tests/typing"


def test_every_option_is_set_by_keyword_in_an_accepted_program() -> None:
    keywords = {node.arg for node in nodes() if isinstance(node, ast.keyword)}

    assert set() == OptionFields.__optional_keys__ - keywords
