"""Runs a function in several threads, which take turns as often as possible."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

__all__ = ["run_in_threads"]

_THREADS: Final = 4
_INTERVAL: Final = 1e-6  # seconds until another thread may run


def run_in_threads(function: Callable[[int], None]) -> None:
    """Call *function* in each thread with its number, and raise their exceptions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_INTERVAL)
    try:
        with ThreadPoolExecutor(_THREADS) as executor:
            list(executor.map(function, range(_THREADS)))
    finally:
        sys.setswitchinterval(before)
