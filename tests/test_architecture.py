"""Rules of the project that a program can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

import pytest

import sagemaker_rt

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "sagemaker_rt"
FILES: Final = sorted(PACKAGE.rglob("*.py"))
ALL_CODE: Final = sorted(
    file
    for folder in ("sagemaker_rt", "tests", "benchmarks")
    for file in (ROOT / folder).rglob("*.py")
    if file != Path(__file__)
)
READMES: Final = sorted(
    [
        ROOT / "README.md",
        *(
            file
            for folder in ("sagemaker_rt", "tests", "benchmarks", ".github")
            for file in (ROOT / folder).rglob("*.md")
        ),
    ]
)
LINK: Final = re.compile(r"\]\(([^)#\s]+)")

PARTS: Final = 4
"""The pure modules are measured in parts, which run in parallel."""

LONGEST_FILE: Final = 350
LONGEST_FUNCTION: Final = 45
DEEPEST_NESTING: Final = 3
LONGER_FILES: Final = {
    "sagemaker_rt/errors.py": "one tree of small classes",
    "sagemaker_rt/shapes.py": "one table of members, which the formatter expands",
}

FORBIDDEN: Final = {
    "a method without a body": r"\bNotImplementedError\b",
    "unfinished work without an issue": r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))",
    "a mock of our code": r"unittest\.mock|mocker\b",
    "a `noqa` without a reason": r"# noqa(?!: \w+\d+(, \w+\d+)* - )",
    "a `type: ignore` without a reason": r"# type: ignore(?!\[[a-z, -]+\] # )",
    "a `pragma` without a reason": r"# pragma: no (cover|branch)(?! - )",
}

DIALECT: Final = re.compile(
    r"groundwork|surroundings|harmless|of its own\b|be asked|told of"
    r"|(?<!there )\bis no (?!longer)[a-z]+",
    re.IGNORECASE,
)
"""Phrases that readers have to decode; CONTRIBUTING.md asks for plain English."""

VAGUE_NAMES: Final = {"utils", "helpers", "common", "base", "types", "constants"}

BLOCKS: Final = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def module_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports_in(file: Path) -> Iterator[tuple[str, ast.alias]]:
    """Yield the names that *file* imports from modules, with the modules."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias) for alias in node.names)


def mirror_of(file: Path) -> Path:
    folder = ROOT / "tests" / file.relative_to(PACKAGE).parent
    return folder / f"test_{file.stem.strip('_')}.py"


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def is_signpost(file: Path) -> bool:
    """Return whether *file* is an ``__init__`` that only re-exports."""
    kinds = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.If)
    return file.stem == "__init__" and all(
        isinstance(node, kinds)
        or (
            isinstance(node, ast.FunctionDef)
            and node.name in {"__getattr__", "__dir__"}
        )
        for node in tree_of(file).body
    )


def lines_of(function: Function) -> int:
    """Return the length of *function* without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    words = docstring.count("\n") + 1 if docstring is not None else 0
    return (function.end_lineno or 0) - function.lineno + 1 - words


def depth_of(node: ast.AST, depth: int = 0) -> int:
    """Return how deep blocks nest in *node*; an ``elif`` is as deep as its ``if``."""
    depths = [depth]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef)):
            continue
        is_elif = isinstance(node, ast.If) and [child] == node.orelse
        deeper = isinstance(child, BLOCKS) and not (
            is_elif and isinstance(child, ast.If)
        )
        depths.append(depth_of(child, depth + deeper))
    return max(depths)


def functions_beyond(limit: int, measure: Callable[[Function], int]) -> list[str]:
    return [
        f"{name_of(file)}:{node.lineno}: {node.name}: {measure(node)}"
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, FUNCTIONS) and measure(node) > limit
    ]


def expect_none(offenders: Iterable[str]) -> None:
    """Fail with all of *offenders*; an assert would shorten the list."""
    if lines := "\n".join(offenders):
        pytest.fail(lines, pytrace=False)


def test_a_module_has_the_test_file_of_its_name() -> None:
    without = [f for f in FILES if not is_signpost(f) and not mirror_of(f).is_file()]

    expect_none(f"{name_of(f)}: no {name_of(mirror_of(f))}" for f in without)


def test_a_module_lists_its_public_names() -> None:
    expect_none(
        f"{name_of(file)}: {problem}"
        for file in FILES
        for problem in problems_of_list(file)
    )


def problems_of_list(file: Path) -> Iterator[str]:
    module = import_module(module_of(file))
    listed = getattr(module, "__all__", None)
    if listed is None:
        if [ast.Expr] != [type(node) for node in tree_of(file).body]:
            yield "no __all__"
        return
    for name in listed:
        if name.startswith("_"):
            yield f"__all__ has the private name {name}"
        elif not hasattr(module, name):
            yield f"__all__ has {name}, which does not exist"


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def test_private_names_are_not_imported() -> None:
    expect_none(
        f"{name_of(file)}: {alias.name} of {module}"
        for file in FILES
        for module, alias in imports_in(file)
        if module != "__future__" and is_private(alias.name)
    )


def test_a_file_is_not_too_long_to_read() -> None:
    sizes = {name_of(f): f.read_text(encoding="utf-8").count("\n") for f in FILES}
    longer = {name for name, size in sizes.items() if size > LONGEST_FILE}

    expect_none(f"{name}: {sizes[name]} lines" for name in longer - LONGER_FILES.keys())
    assert LONGER_FILES.keys() == longer


def test_a_function_is_not_too_long_to_read() -> None:
    expect_none(functions_beyond(LONGEST_FUNCTION, lines_of))


def test_a_function_does_not_nest_too_deeply() -> None:
    expect_none(functions_beyond(DEEPEST_NESTING, depth_of))


def test_only_typed_keys_use_cast() -> None:
    importers = {
        name_of(file)
        for file in FILES
        for _, alias in imports_in(file)
        if alias.name == "cast"
    }

    assert {"sagemaker_rt/context.py"} == importers


def test_nothing_is_unfinished_or_switched_off_without_a_reason() -> None:
    expect_none(
        f"{name_of(file)}:{number}: {what}: {line.strip()}"
        for file in ALL_CODE
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    )


def test_the_prose_is_plain() -> None:
    files = [*FILES, *READMES, ROOT / "CHANGELOG.md"]

    expect_none(
        f"{name_of(file)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if DIALECT.search(line)
    )


def test_a_file_is_named_after_what_it_holds() -> None:
    expect_none(name_of(f) for f in FILES if VAGUE_NAMES & {f.stem, f.parent.name})


def test_the_root_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").count("\n")

    assert lines <= LONGEST_FILE


def test_links_between_files_lead_somewhere() -> None:
    expect_none(
        f"{name_of(readme)}: {link}"
        for readme in READMES
        for link in LINK.findall(readme.read_text(encoding="utf-8"))
        if "://" not in link and not (readme.parent / link).exists()
    )


def test_the_newest_version_of_the_changelog_is_this_one() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    headings = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)

    assert ["Unreleased", sagemaker_rt.__version__] == headings[:2]


@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_pure_modules_are_covered_by_their_own_tests_alone(part: int) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.pure_coverage", str(part), str(PARTS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    expect_none(filter(None, [run.stdout, run.stderr]))
