"""A custom clock whose exceptions are typed."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Final

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError

__all__ = ["checked_clock"]

_OPTION: Final = "clock"


def checked_clock(clock: Callable[[], float]) -> Callable[[], float]:
    """Return *clock*, with exceptions raised as `ComponentError`.

    A builtin function, such as ``time.time``, is returned as it is.
    """
    if isinstance(clock, BuiltinFunctionType):
        return clock

    def now() -> float:
        try:
            return clock()
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise ComponentError.from_component(_OPTION, clock, error) from error

    return now
