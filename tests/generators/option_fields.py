"""`sagemaker_rt/options/fields.py`: the keyword arguments of ``Client``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.generators.declarations import FOLDER, Declaration, declarations, imports_of

__all__ = ["FIELDS", "fields"]

FIELDS: Final[Path] = FOLDER / "fields.py"
_HEAD: Final = '''\
"""The flat names of all options, with their types, for type checkers and editors.

`python -m tests --fix` writes this file from the declarations in this folder.
"""

from __future__ import annotations

'''
_CLASS: Final = '''

class OptionFields(TypedDict, total=False):
    """The keyword arguments of `Options`, `Client` and `with_options`."""

'''


def fields() -> str:
    """Return the source of the module."""
    options = list(declarations())
    names = {"TypedDict": "typing"}
    for option in options:
        names |= dict(_imports(option))
    modules: dict[str, list[str]] = {}
    for name, module in names.items():
        modules.setdefault(module, []).append(name)
    lines = [
        "import logging",
        *(
            f"from {module} import {', '.join(sorted(imported))}"
            for module, imported in sorted(modules.items())
        ),
        "",
        '__all__ = ["OptionFields"]',
    ]
    members = [
        f"    {option.name}: {ast.unparse(option.accepts)}\n" for option in options
    ]
    return _HEAD + "\n".join(lines) + _CLASS + "".join(members)


def _imports(option: Declaration) -> Iterator[tuple[str, str]]:
    """Yield the names in the type of *option* that must be imported."""
    known = imports_of(option.module)
    for node in ast.walk(option.accepts):
        if isinstance(node, ast.Name) and node.id in known:
            yield node.id, known[node.id]
