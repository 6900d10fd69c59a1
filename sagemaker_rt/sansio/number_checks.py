"""What counts as a number that a user passes: True and False do not."""

from __future__ import annotations

import sys
from typing import TypeGuard

__all__ = ["is_finite", "is_integer", "is_number"]


def is_integer(value: object, least: int) -> TypeGuard[int]:
    """Return whether *value* is an integer of at least *least*."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def is_number(value: object) -> TypeGuard[float]:
    """Return whether *value* is an integer or a float; it may be infinite or NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_finite(value: object) -> TypeGuard[float]:
    """Return whether *value* is a number that a float can hold, and not NaN."""
    return is_number(value) and abs(value) <= sys.float_info.max
