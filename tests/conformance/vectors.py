"""Access to the conformance data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "SAGEMAKER_RT_VECTORS"
WITHOUT_DATA = f"no conformance data, as {VARIABLE} is not set"


def folder() -> Path | None:
    """Return the folder in the environment variable, or None."""
    name = os.environ.get(VARIABLE)
    return Path(name) if name else None


def vectors(name: str) -> Path:
    """Return the folder or file *name* of the data, or skip the test."""
    root = folder()
    if root is None:
        pytest.skip(WITHOUT_DATA)
    return root / name


def entries(name: str, pattern: str = "*") -> list[Path]:
    """Return the entries of the folder *name*, as parameters; empty without data."""
    root = folder()
    return sorted((root / name).glob(pattern)) if root is not None else []
