"""What the packages show: where it is, that it is explained, and that it is meant."""

from __future__ import annotations

import ast
import builtins
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Final, TypeGuard

import pytest

from tests.public_surface import (
    PACKAGES,
    ROOT,
    STORED,
    Function,
    PublicName,
    classes,
    definition,
    methods,
    public_names,
    surface,
)


def _is_exception(value: object) -> TypeGuard[type[BaseException]]:
    return isinstance(value, type) and issubclass(value, BaseException)


NAMES: Final = public_names()
BY_NAME: Final = pytest.mark.parametrize("name", NAMES, ids=str)
CLASSES: Final = [name for name in NAMES if isinstance(name.value, type)]
BY_CLASS: Final = pytest.mark.parametrize("name", CLASSES, ids=str)
EXCEPTIONS: Final = {
    name: value
    for name, value in [*vars(builtins).items(), *((n.name, n.value) for n in NAMES)]
    if _is_exception(value)
}
TOLD_ELSEWHERE: Final = {
    "Step.insert": "the class says it of all edits",
}
"""What raises errors that its own text does not explain, and why."""

# imports each module into what is no more than an interpreter of our modules
IMPORT_ALONE: Final = """
import json, sys
from importlib import import_module

failures = []
for module, names in json.load(sys.stdin).items():
    for known in [name for name in sys.modules if name.split(".")[0] == "sagemaker_rt"]:
        del sys.modules[known]
    try:
        first = import_module(module)
        for name in names:
            getattr(first, name)
    except Exception as error:
        failures.append(f"{module}: {error!r}")
print(*failures, sep="\\n", end="")
"""


def home(name: PublicName) -> str:
    """Return the module that the package says *name* to be of."""
    package = import_module(name.package)
    homes: dict[str, str] = getattr(package, "_HOME_OF", {})
    if name.name in homes:
        return f"{name.package}.{homes[name.name]}"
    return name.source.module


def documented(name: PublicName) -> Iterator[tuple[str, Function, str]]:
    """Yield what users call of *name*, with the text that tells of it."""
    node = name.source.node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield name.name, node, ast.get_docstring(node) or ""
    elif isinstance(value := name.value, type):
        for source in classes(value):
            assert isinstance(source.node, ast.ClassDef)
            for method in methods(source.node):
                where = f"{source.node.name}.{method.name}"
                if method.name in {"__init__", "__attrs_post_init__"}:
                    yield where, method, source.docstring or ""
                elif not method.name.startswith("_"):
                    yield where, method, ast.get_docstring(method) or ""


def raised(function: Function) -> set[str]:
    """Return the exceptions that *function* raises by name, itself."""
    names: set[str] = set()
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Raise):
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            names |= {made.id} if isinstance(made, ast.Name) else set()
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            pending.extend(ast.iter_child_nodes(node))
    return names & EXCEPTIONS.keys()


def told(docstring: str) -> set[str]:
    """Return the exceptions that the section ``Raises:`` of a text explains."""
    section = re.search(r"aises:\n(.*?)(?:\n\n|\Z)", docstring, re.DOTALL)
    lines = section[1] if section else ""
    return set(re.findall(r"^ +(\w+): \S", lines, re.MULTILINE))


@BY_NAME
def test_a_name_is_explained(name: PublicName) -> None:
    assert name.source.docstring, f"{name} has no docstring, nor a string below it"


@BY_CLASS
def test_each_method_is_explained(name: PublicName) -> None:
    assert isinstance(name.value, type)

    silent = {
        f"{source.node.name}.{method.name}"
        for source in classes(name.value)
        if isinstance(source.node, ast.ClassDef)
        for method in methods(source.node)
        if not method.name.startswith("_") and not ast.get_docstring(method)
    }

    assert set() == silent


@BY_NAME
def test_errors_are_explained_where_they_are_raised(name: PublicName) -> None:
    silent = {
        f"{where} raises {error}"
        for where, function, docstring in documented(name)
        for error in raised(function)
        if not {kind.__name__ for kind in EXCEPTIONS[error].__mro__} & told(docstring)
        if where not in TOLD_ELSEWHERE
    }

    assert set() == silent


@BY_NAME
def test_errors_that_are_explained_are_there(name: PublicName) -> None:
    texts = [text for _, _, text in documented(name)]

    assert set() == set().union(*map(told, texts)) - EXCEPTIONS.keys()


@BY_NAME
def test_a_name_is_that_of_its_module(name: PublicName) -> None:
    module = import_module(home(name))

    assert name.value is getattr(module, name.name)
    assert name.name in module.__all__


@pytest.mark.parametrize("package", PACKAGES)
def test_a_listing_shows_what_is_public(package: str) -> None:
    module = import_module(package)

    assert set() == set(module.__all__) - set(dir(module))
    assert len(module.__all__) == len(set(module.__all__))


def test_each_module_can_be_the_first_to_be_imported() -> None:
    modules: dict[str, list[str]] = {}
    for name in NAMES:
        modules.setdefault(home(name), []).append(name.name)
    assert len(modules) > len(PACKAGES)

    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALONE],
        cwd=ROOT,
        input=json.dumps(modules),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "" == run.stdout


def test_the_surface_is_the_one_that_is_meant() -> None:
    stored = STORED.read_text(encoding="utf-8").splitlines()

    assert stored == surface().splitlines(), (
        "public names have changed; if that is meant, store them by "
        "`python -m tests.public_surface`, and let the diff show them"
    )


def test_what_is_passed_on_is_found_where_it_is_defined() -> None:
    assert (
        "sagemaker_rt.options.retry"
        == PublicName("sagemaker_rt", "with_max_attempts").source.module
    )
    with pytest.raises(LookupError, match="neither defines nor imports Cleint"):
        definition("sagemaker_rt", "Cleint")
