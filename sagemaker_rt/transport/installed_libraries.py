"""Finds out whether an optional library is installed, without importing it."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["is_installed"]


def is_installed(module: str) -> bool:
    """Return whether the top-level module *module* can be imported."""
    try:
        return find_spec(module) is not None
    except ValueError:  # the import is blocked by None in `sys.modules`
        return False
