"""The public names: each is listed, documented and importable."""

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
EXCEPTIONS: Final = {
    name: value
    for name, value in [*vars(builtins).items(), *((n.name, n.value) for n in NAMES)]
    if _is_exception(value)
}
DOCUMENTED_ELSEWHERE: Final = {
    "Step.insert": "the class documents the errors of all edits",
}
"""Functions whose docstring does not have their errors, with the reason."""

# imports each module into an interpreter that has no other module of the package
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


def module_of(name: PublicName) -> str:
    """Return the module that the package imports *name* from."""
    package = vars(import_module(name.package))
    modules: dict[str, str] = package.get("_MODULE_OF", package.get("_HOME_OF", {}))
    if name.name in modules:
        return f"{name.package}.{modules[name.name]}"
    return name.source.module


def documented(name: PublicName) -> Iterator[tuple[str, Function, str]]:
    """Yield the functions that users call of *name*, with their docstrings."""
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
    """Return the names of the exceptions in *function*'s own raise statements."""
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


def explained(docstring: str) -> set[str]:
    """Return the exceptions in the section ``Raises:`` of a docstring."""
    section = re.search(r"aises:\n(.*?)(?:\n\n|\Z)", docstring, re.DOTALL)
    lines = section[1] if section else ""
    return set(re.findall(r"^ +(\w+): \S", lines, re.MULTILINE))


def test_every_name_has_a_docstring() -> None:
    assert [] == [str(name) for name in NAMES if not name.source.docstring]


def test_every_public_method_has_a_docstring() -> None:
    assert [] == sorted(
        f"{source.node.name}.{method.name}"
        for name in NAMES
        if isinstance(name.value, type)
        for source in classes(name.value)
        if isinstance(source.node, ast.ClassDef)
        for method in methods(source.node)
        if not method.name.startswith("_") and not ast.get_docstring(method)
    )


def test_docstrings_have_the_errors_that_functions_raise() -> None:
    assert [] == sorted(
        f"{where} raises {error}"
        for name in NAMES
        for where, function, docstring in documented(name)
        for error in raised(function)
        if not {k.__name__ for k in EXCEPTIONS[error].__mro__} & explained(docstring)
        if where not in DOCUMENTED_ELSEWHERE
    )


def test_errors_in_docstrings_exist() -> None:
    assert [] == sorted(
        f"{where}: {error}"
        for name in NAMES
        for where, _, docstring in documented(name)
        for error in explained(docstring) - EXCEPTIONS.keys()
    )


def test_every_name_is_listed_by_its_module() -> None:
    assert [] == [str(name) for name in NAMES if not is_of_its_module(name)]


def is_of_its_module(name: PublicName) -> bool:
    module = import_module(module_of(name))
    return name.value is getattr(module, name.name) and name.name in module.__all__


def test_dir_lists_the_public_names() -> None:
    modules = [import_module(package) for package in PACKAGES]

    assert [] == [name for m in modules for name in set(m.__all__) - set(dir(m))]
    assert [] == [m for m in modules if len(m.__all__) != len(set(m.__all__))]


def test_each_module_can_be_imported_first() -> None:
    modules: dict[str, list[str]] = {}
    for name in NAMES:
        modules.setdefault(module_of(name), []).append(name.name)
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


def test_the_stored_list_has_the_public_names() -> None:
    stored = STORED.read_text(encoding="utf-8").splitlines()

    assert stored == surface().splitlines(), (
        "public names have changed: write them with `python -m tests --fix`, "
        "and check the diff of tests/public_surface.txt"
    )


def test_a_name_is_found_where_it_is_defined() -> None:
    assert (
        "sagemaker_rt.options.functional_options"
        == PublicName("sagemaker_rt", "with_options").source.module
    )
    with pytest.raises(LookupError, match="Cleint"):
        definition("sagemaker_rt", "Cleint")
