"""The declarations of options, read from the source of ``sagemaker_rt/options/``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from attrs import frozen

__all__ = ["FOLDER", "Declaration", "declarations", "imports_of"]

FOLDER: Final = Path(__file__).parent.parent.parent / "sagemaker_rt" / "options"


@frozen
class Declaration:
    """One option, as the class of its group declares it."""

    module: str
    """The module of the group, in ``sagemaker_rt.options``."""
    name: str
    accepts: ast.expr
    """The type of values: of the parameter of the converter, if there is one."""
    default: str
    """The source of the default."""
    text: str
    """The first paragraph of the docstring, in one line."""
    is_client_only: bool
    """Whether the option cannot be set per call."""


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))


def declarations() -> Iterator[Declaration]:
    """Yield all options, group by group, in the order of their declarations."""
    for module, class_name in _classes():
        for node, after in pairwise(_body(module, class_name)):
            if isinstance(node, ast.AnnAssign) and not _is_group(node):
                yield _declaration(module, node, after)


def _classes() -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each class that declares options."""
    yield "options", "Options"
    modules = imports_of("options")
    for node in _body("options", "Options"):
        if isinstance(node, ast.AnnAssign) and _is_group(node):
            name = ast.unparse(node.annotation)
            yield modules[name].rpartition(".")[2], name


def _body(module: str, class_name: str) -> list[ast.stmt]:
    (node,) = (
        node
        for node in _tree(module).body
        if isinstance(node, ast.ClassDef) and node.name == class_name
    )
    return node.body


def _is_group(node: ast.AnnAssign) -> bool:
    """Return whether an attribute of `Options` is a group, not an option."""
    return ast.unparse(node.annotation).endswith("Options")


def _keywords(node: ast.AnnAssign) -> dict[str | None, ast.expr]:
    """Return the arguments of ``field(...)``."""
    assert isinstance(node.value, ast.Call)
    return {one.arg: one.value for one in node.value.keywords}


def _declaration(module: str, node: ast.AnnAssign, after: ast.stmt) -> Declaration:
    assert isinstance(node.target, ast.Name)
    keywords = _keywords(node)
    text = after.value if isinstance(after, ast.Expr) else None
    assert isinstance(text, ast.Constant), f"{node.target.id} has no docstring"
    return Declaration(
        module=module,
        name=node.target.id,
        accepts=_parameter_of(module, keywords.get("converter")) or node.annotation,
        default=ast.unparse(keywords["default"]),
        text=" ".join(str(text.value).split("\n\n")[0].split()),
        is_client_only="metadata" in keywords,
    )


def _parameter_of(module: str, converter: ast.expr | None) -> ast.expr | None:
    """Return the type of the parameter of *converter*, a function of *module*."""
    if converter is None:
        return None
    name = ast.unparse(converter)
    (function,) = (
        node
        for node in _tree(module).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    return function.args.args[0].annotation


def imports_of(module: str) -> Mapping[str, str]:
    """Return names that *module* imports or defines, with the modules they are from."""
    found: dict[str, str] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.name: node.module for alias in node.names}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.setdefault(node.target.id, f"sagemaker_rt.options.{module}")
    return found
