"""Assigns clients and servers to different CPU cores, on Linux.

All variants run on the same core in turns. So no variant is moved to another core
during a measurement, and the state of the caches is the same for all.
"""

from __future__ import annotations

import os
import sys

__all__ = ["pin_to_client_core", "pin_to_server_cores"]


def pin_to_client_core(process_id: int) -> None:
    """Pin a variant to the last core; does nothing with one core or without Linux."""
    cores = _cores()
    if len(cores) > 1:
        _pin(process_id, cores[-1:])


def pin_to_server_cores(process_id: int) -> None:
    """Pin a server to the other cores; does nothing with one core or without Linux."""
    cores = _cores()
    if len(cores) > 1:
        _pin(process_id, cores[:-1])


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


def _pin(process_id: int, cores: list[int]) -> None:
    if sys.platform == "linux":
        os.sched_setaffinity(process_id, cores)
