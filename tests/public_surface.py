"""The public names of the packages, each with its kind.

``python -m tests --fix`` writes them to ``public_surface.txt``, so that a diff shows
which names a change adds or removes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib import import_module
from inspect import isfunction
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

ROOT: Final = Path(__file__).parent.parent
STORED: Final = Path(__file__).with_suffix(".txt")
PACKAGES: Final = (
    "sagemaker_rt",
    "sagemaker_rt.batch",
    "sagemaker_rt.batch.dask",
    "sagemaker_rt.emulator",
    "sagemaker_rt.load",
    "sagemaker_rt.testing",
)

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = Function | ast.ClassDef | ast.Assign | ast.AnnAssign


class PublicName(NamedTuple):
    """One name that users import."""

    package: str
    name: str

    @property
    def value(self) -> object:
        """The object of this name."""
        value: object = getattr(import_module(self.package), self.name)
        return value

    @property
    def kind(self) -> str:
        """The kind of the object, such as ``class`` or ``function``."""
        value = self.value
        if isinstance(value, type):
            return _kind_of_class(value)
        if isfunction(value):
            return "function"
        node = self.source.node
        annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
        return "alias" if "TypeAlias" in _text(annotation) else "constant"

    @property
    def source(self) -> Source:
        """The definition, found through all modules that re-export the name."""
        return definition(self.package, self.name)

    def __str__(self) -> str:
        return f"{self.package}.{self.name}"


class Source(NamedTuple):
    """A definition in the source, with its docstring."""

    module: str
    node: Definition
    docstring: str | None


def _kind_of_class(value: type) -> str:
    if issubclass(value, BaseException):
        return "exception"
    if issubclass(value, Enum):
        return "enum"
    return "protocol" if getattr(value, "_is_protocol", False) else "class"


def _text(node: ast.expr | None) -> str:
    return "" if node is None else ast.unparse(node)


def public_names() -> list[PublicName]:
    """Return the names in ``__all__`` of the packages, sorted."""
    return sorted(
        PublicName(package, name)
        for package in PACKAGES
        for name in import_module(package).__all__
    )


@cache
def tree(module: str) -> ast.Module:
    """Return the syntax tree of *module*."""
    path = import_module(module).__file__
    assert path is not None
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def definition(module: str, name: str) -> Source:
    """Return the definition of *name*, following the imports from *module* on."""
    body = tree(module).body
    for node, below in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name == name and not _is_overload(node):
                return Source(module, node, ast.get_docstring(node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and name in _targets(node):
            return Source(module, node, _string(below))
    origin = _origins(module).get(name)
    if origin is None:
        message = f"{module} neither defines nor imports {name}"
        raise LookupError(message)
    return definition(*origin)


def _origins(module: str) -> dict[str, tuple[str, str]]:
    """Return the module and the name there of each name that *module* re-exports."""
    origins = {
        name: (f"{module}.{exporter}", name)
        for exporter, names in vars(import_module(module)).get("_EXPORTS", {}).items()
        for name in names
    }
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                origins[alias.asname or alias.name] = node.module, alias.name
    return origins


def _is_overload(node: Function | ast.ClassDef) -> bool:
    return "overload" in map(ast.unparse, node.decorator_list)


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _string(node: ast.stmt | None) -> str | None:
    """Return the string if *node* is one, as below a documented constant."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return node.value.value if isinstance(node.value.value, str) else None
    return None


def classes(value: type) -> Iterator[Source]:
    """Yield the definitions of *value* and of its bases in this project."""
    for kind in value.__mro__:
        if kind.__module__.partition(".")[0] == "sagemaker_rt":
            yield definition(kind.__module__, kind.__name__)


def methods(node: ast.ClassDef) -> Iterator[Function]:
    """Yield the functions of a class, without their overloads."""
    for function in node.body:
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if not _is_overload(function):
            yield function


def surface() -> str:
    """Return the list of all public names, one line for each."""
    return "".join(f"{name} {name.kind}\n" for name in public_names())


if __name__ == "__main__":
    STORED.write_text(surface(), encoding="utf-8")
