"""Where the conformance data lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "SAGEMAKER_RT_VECTORS"


def folder() -> Path | None:
    """Return the folder that the environment names; None where it names none."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def vectors(name: str) -> Path:
    """Return the folder or file *name* of the data, or skip the test."""
    root = folder()
    if root is None:
        pytest.skip(f"{VARIABLE} names no folder of conformance data")
    return root / name


def entries(name: str, pattern: str = "*") -> list[Path]:
    """Return what is in the folder *name*, for parametrising; empty without data."""
    root = folder()
    return sorted((root / name).glob(pattern)) if root is not None else []
