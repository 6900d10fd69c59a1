"""A custom clock whose exceptions are typed."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Final

from sagemaker_rt.errors import ComponentError
from sagemaker_rt.sansio.component_calls import call_component

__all__ = ["checked_clock"]

_OPTION: Final = "clock"
# The last second of the year 9999. datetime has no later date.
_LATEST: Final = 253_402_300_799


def checked_clock(clock: Callable[[], float]) -> Callable[[], float]:
    """Return *clock*, with `ComponentError` for exceptions and for other results.

    A builtin function, such as ``time.time``, is returned as it is.
    """
    if isinstance(clock, BuiltinFunctionType):
        return clock

    def now() -> float:
        seconds = call_component(_OPTION, clock)
        if not isinstance(seconds, (int, float)) or not 0 <= seconds <= _LATEST:
            problem = f"returned {seconds!r}; it must return seconds since 1970"
            raise ComponentError.from_result(_OPTION, clock, problem)
        return seconds

    return now
