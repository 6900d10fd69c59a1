"""The API reference, which `python -m pdoc sagemaker_rt` builds from the docstrings."""

from __future__ import annotations

import ast
import builtins
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sagemaker_rt

FOLDER: Final = Path(sagemaker_rt.__file__).parent
TREES: Final = {
    file.relative_to(FOLDER.parent): ast.parse(file.read_text(encoding="utf-8"))
    for file in sorted(FOLDER.rglob("*.py"))
}

# what pdoc does for the page of the package, without writing HTML
WALK: Final = """
import pdoc.doc
import sagemaker_rt

def walk(namespace):
    for member in namespace.members.values():
        print(member.qualname, end=" ")
        if isinstance(member, pdoc.doc.Class):
            walk(member)
        elif isinstance(member, pdoc.doc.Function):
            member.signature
        else:
            member.annotation_str, member.default_value_str

for name in sagemaker_rt.__all__:
    getattr(sagemaker_rt, name)
walk(pdoc.doc.Module(sagemaker_rt))
"""


def known_names() -> set[str]:
    """Return all names in the package, and the builtins."""
    names = {part for file in TREES for part in file.with_suffix("").parts}
    for tree in TREES.values():
        for node in ast.walk(tree):
            match node:
                case ast.alias(name=name, asname=alias):
                    names.update((alias or name).split("."))
                case (
                    ast.FunctionDef(name=name)
                    | ast.AsyncFunctionDef(name=name)
                    | ast.ClassDef(name=name)
                    | ast.arg(arg=name)
                    | ast.Name(id=name)
                    | ast.Attribute(attr=name)
                ):
                    names.add(name)
    return names | set(dir(builtins))


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield all docstrings, also those below fields, with their locations."""
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            match node:
                case ast.Expr(value=ast.Constant(value=str(text), lineno=line)):
                    yield f"{file.as_posix()}:{line}", text


def is_importable(reference: str) -> bool:
    try:
        pkgutil.resolve_name(reference)
    except (AttributeError, ImportError):
        return False
    return True


def test_references_in_docstrings_resolve() -> None:
    names = known_names()
    unknown = [
        f"{location}: {reference}"
        for location, text in docstrings()
        for reference in re.findall(r"(?<!`)`([A-Za-z_][\w.]*)`(?!`)", text)
        if not set(reference.split(".")) <= names and not is_importable(reference)
    ]

    assert [] == unknown


def test_pdoc_documents_the_package_without_warnings() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", WALK],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "" == done.stderr
    assert set(sagemaker_rt.__all__) <= set(done.stdout.split())
