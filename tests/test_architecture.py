"""The style guide, as far as it can be executed."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

import pytest

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "sagemaker_rt"
FILES: Final = sorted(PACKAGE.rglob("*.py"))
TEXTS: Final = sorted(
    file
    for folder in ("sagemaker_rt", "tests", "benchmarks")
    for file in (ROOT / folder).rglob("*.py")
    if file != Path(__file__)
)

LONGEST_FILE: Final = 350
LONGEST_FUNCTION: Final = 45
DEEPEST_NESTING: Final = 3
LONGER_FILES: Final = {
    "sagemaker_rt/__init__.py": "one list of names: for checkers, readers and imports",
    "sagemaker_rt/errors.py": "one tree of small classes, each with its sentence",
    "sagemaker_rt/shapes.py": "one table of members, which the formatter expands",
}

PURE: Final = (
    *sorted(f for f in (PACKAGE / "sansio").glob("*.py") if f.stem != "__init__"),
    *(PACKAGE / f"{name}.py" for name in ("context", "errors", "http", "identity")),
    PACKAGE / "stack.py",
)

FORBIDDEN: Final = {
    "a body that is missing": r"\bNotImplementedError\b",
    "work that is left, without its issue": r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))",
    "a double that is forced on our code": r"unittest\.mock|mocker\b",
    "a rule that is off, without a reason": r"# noqa(?!: \w+\d+(, \w+\d+)* - )",
    "a type that is off, without a reason": r"# type: ignore(?!\[[a-z, -]+\] # )",
    "code that no test runs, without a reason": r"# pragma: no (cover|branch)(?! - )",
}

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


def mirror_of(file: Path) -> Path:
    folder = ROOT / "tests" / file.relative_to(PACKAGE).parent
    return folder / f"test_{file.stem.strip('_')}.py"


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def is_signpost(file: Path) -> bool:
    """Tell whether *file* is an ``__init__`` that at most re-exports."""
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
    """Return how deep blocks nest in *node*; an ``elif`` is no deeper than its if."""
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
    """Fail with all of *offenders*, where an assert would show the first."""
    if lines := "\n".join(offenders):
        pytest.fail(lines, pytrace=False)


def test_a_module_has_the_test_file_of_its_name() -> None:
    without = [f for f in FILES if not is_signpost(f) and not mirror_of(f).is_file()]

    expect_none(f"{name_of(f)}: no {name_of(mirror_of(f))}" for f in without)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_module_lists_what_is_public(file: Path) -> None:
    module = import_module(module_of(file))

    listed = getattr(module, "__all__", None)

    if listed is None:
        assert [ast.Expr] == [type(node) for node in tree_of(file).body]
    else:
        assert [] == [name for name in listed if not hasattr(module, name)]
        assert [] == [name for name in listed if name.startswith("_")]


def test_a_file_is_not_too_long_to_read() -> None:
    sizes = {name_of(f): f.read_text(encoding="utf-8").count("\n") for f in FILES}
    longer = {name for name, size in sizes.items() if size > LONGEST_FILE}

    expect_none(f"{name}: {sizes[name]} lines" for name in longer - LONGER_FILES.keys())
    assert LONGER_FILES.keys() == longer


def test_a_function_is_not_too_long_to_read() -> None:
    expect_none(functions_beyond(LONGEST_FUNCTION, lines_of))


def test_a_function_does_not_nest_too_deeply() -> None:
    expect_none(functions_beyond(DEEPEST_NESTING, depth_of))


def test_only_typed_keys_know_more_than_the_checker() -> None:
    importers = {
        name_of(file)
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ImportFrom)
        if "cast" in {alias.name for alias in node.names}
    }

    assert {"sagemaker_rt/context.py"} == importers


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items())
def test_nothing_is_left_undone_or_unexplained(what: str, pattern: str) -> None:
    found = [
        f"{name_of(file)}:{number}: {line.strip()}"
        for file in TEXTS
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]

    expect_none(f"{what}: {line}" for line in found)


def test_the_package_exports_what_its_modules_list() -> None:
    package = import_module("sagemaker_rt")
    modules = [import_module(module_of(file)) for file in FILES]
    listed = {
        (name, id(getattr(module, name)))
        for module in modules
        if module is not package
        for name in getattr(module, "__all__", ())
    }

    exports = getattr(package, "__all__", [])

    assert [] == [n for n in exports if (n, id(getattr(package, n))) not in listed]
    assert len(set(exports)) == len(exports)
    assert set(exports) <= set(dir(package))


def test_the_package_has_no_other_names() -> None:
    package = import_module("sagemaker_rt")

    with pytest.raises(AttributeError, match="no_such_name"):
        _ = package.no_such_name


def test_importing_the_package_loads_no_heavy_dependency() -> None:
    """A cold start pays for what it uses: aiohttp alone costs more than asyncio."""
    program = "import sagemaker_rt, sys; print(*sys.modules)"

    loaded = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert set() == {"aiohttp", "attrs", "cattrs"} & set(loaded.split())


def test_the_newest_version_of_the_changelog_is_this_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    headings = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)

    assert ["Unreleased", project["project"]["version"]] == headings[:2]


def covered_by_its_own_tests(file: Path, folder: Path) -> str:
    """Run the test file of *file* alone; return what of it was not run, or went red."""
    report = folder / f"{file.stem}.json"
    tests = str(mirror_of(file))
    options = ["-q", "--tb=line", "--cov-branch", f"--cov-report=json:{report}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", tests, f"--cov={module_of(file)}", *options],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(folder / f".coverage.{file.stem}")},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        return run.stdout + run.stderr
    measured = json.loads(report.read_text())["files"][name_of(file)]
    lines, branches = measured["missing_lines"], measured["missing_branches"]
    return f"not run: {lines=} {branches=}" if lines or branches else ""


@pytest.fixture(scope="module")
def uncovered(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Path, str]:
    folder = tmp_path_factory.mktemp("coverage")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = pool.map(partial(covered_by_its_own_tests, folder=folder), PURE)
        return dict(zip(PURE, results, strict=True))


@pytest.mark.parametrize("file", PURE, ids=name_of)
def test_what_is_pure_is_covered_by_its_own_tests_alone(
    file: Path, uncovered: Mapping[Path, str]
) -> None:
    expect_none([uncovered[file]])
