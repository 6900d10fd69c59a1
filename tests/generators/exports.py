"""``__init__.pyi``: type stubs of packages that import their names at first use.

Such a package lists its names by module in ``_EXPORTS``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

__all__ = ["PACKAGES", "exports", "exports_of_stub", "stub_of", "stub_text"]

PACKAGES: Final = ("sagemaker_rt",)
"""The packages that have a list of exports and a stub."""


def exports(package: str) -> Mapping[str, tuple[str, ...]]:
    """Return the exported names by their modules, as *package* lists them."""
    listed: Mapping[str, tuple[str, ...]] = vars(import_module(package))["_EXPORTS"]
    return listed


def stub_of(package: str) -> Path:
    """Return the path of the stub of *package*."""
    return Path(str(import_module(package).__file__)).with_suffix(".pyi")


def exports_of_stub(package: str) -> dict[str, set[str]]:
    """Return the exported names by their modules, as the stub imports them."""
    imports: dict[str, set[str]] = {}
    for node in ast.parse(stub_of(package).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            module = str(node.module).removeprefix(f"{package}.")
            imports[module] = {alias.name for alias in node.names}
    return imports


def stub_text(package: str) -> str:
    """Return the stub of *package*; the linter and the formatter put it in order."""
    lines = ["# Written by `python -m tests --fix` from the list in __init__.py.", ""]
    for module, names in sorted(exports(package).items()):
        lines.append(f"from {package}.{module} import {', '.join(names)}")
    lines += ["", "__version__: str"]
    everything = sorted(name for names in exports(package).values() for name in names)
    lines += ["", f"__all__ = {everything}", ""]
    return "\n".join(lines)
