"""The seconds to wait before a retry."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Final, Literal, TypeAlias

from attrs import frozen

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError
from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.sansio.component_calls import call_component

__all__ = ["CustomBackoff", "Jitter", "LegacyBackoff", "backoff", "require_seconds"]

CustomBackoff: TypeAlias = Callable[[int, SageMakerRuntimeError], float]
"""A function of the number of the retry, from 0, and the error before it. It returns
the seconds to wait; a negative number prevents the retry. It is called only for errors
that the retry policy would retry."""


def backoff(retry: int, *, chance: float, base: float, ceiling: float = 20.0) -> float:
    """Return the seconds to wait before *retry* (from 0), by full jitter.

    Args:
        chance: A random number in [0, 1); a parameter, so that tests can set it.
        base: The longest wait before retry 0; it doubles with each further retry.
        ceiling: The longest wait before any retry.
    """
    return chance * min(ceiling, _doubled(base, retry))


def _doubled(base: float, times: int) -> float:
    # 64 doublings exceed any ceiling, and do not overflow a float
    return float(base * 2.0 ** min(times, 64))


Jitter: TypeAlias = Literal["none", "equal", "full"] | Callable[[float], float]
"""How a delay is randomized: not at all, between half of it and all of it, between 0
and all of it, or by a function of the delay."""
_JITTER_OPTION: Final = "retry_jitter"
_FIXED_PARTS: Final = {"none": 1.0, "equal": 0.5, "full": 0.0}


def require_seconds(value: object, option: str, function: object) -> float:
    """Return *value*, which the *function* of a caller returned.

    Raises:
        ComponentError: It is not a number.
    """
    if isinstance(value, (int, float)) and not isnan(value):
        return value
    problem = f"returned {value!r}; it must return a number of seconds"
    raise ComponentError.from_result(option, function, problem)


@frozen(kw_only=True, eq=False, repr=False)
class LegacyBackoff(FrozenValue):
    """The delays of the ``legacy`` mode, as a `CustomBackoff`."""

    chance: Callable[[], float]
    """Draws a number in [0, 1) for each delay."""
    base_delay: float
    """Seconds before the first retry; they double with each further retry."""
    max_delay: float | None = None
    """Longest delay in seconds, before jitter; None sets no limit."""
    jitter: Jitter = "none"

    def __call__(self, retry: int, _: SageMakerRuntimeError) -> float:
        """Return the seconds to wait before *retry*."""
        delay = _doubled(self.base_delay, retry)
        if self.max_delay is not None:
            delay = min(delay, self.max_delay)
        if callable(self.jitter):
            jittered = call_component(_JITTER_OPTION, self.jitter, delay)
            return require_seconds(jittered, _JITTER_OPTION, self.jitter)
        fixed = _FIXED_PARTS[self.jitter]
        return delay * (fixed + (1.0 - fixed) * self.chance())
