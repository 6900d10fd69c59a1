"""Which cores the clients run on, and which the server: never the same.

All variants take turns on one core, so that none is moved in the middle of a slice, or
finds the caches of another core cold.
"""

from __future__ import annotations

import os
import sys

__all__ = ["keep_to_client_core", "keep_to_server_cores"]


def keep_to_client_core(process_id: int) -> None:
    """Let a variant run on the last core only; does nothing where it cannot."""
    cores = _cores()
    if len(cores) > 1:
        _pin(process_id, cores[-1:])


def keep_to_server_cores(process_id: int) -> None:
    """Let a server run on any other core; does nothing where it cannot."""
    cores = _cores()
    if len(cores) > 1:
        _pin(process_id, cores[:-1])


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


def _pin(process_id: int, cores: list[int]) -> None:
    if sys.platform == "linux":
        os.sched_setaffinity(process_id, cores)
