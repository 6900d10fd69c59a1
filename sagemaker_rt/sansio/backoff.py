"""How long to wait before a retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from attrs import frozen

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError

__all__ = ["CustomBackoff", "Jitter", "LegacyBackoff", "backoff"]

CustomBackoff: TypeAlias = Callable[[int, SageMakerRuntimeError], float]
"""From the number of the retry, from 0, and the error before it, to the seconds to
wait; a negative number ends the call. It is asked about failures that another attempt
may mend, and about no others."""


def backoff(retry: int, *, chance: float, base: float, ceiling: float = 20.0) -> float:
    """Return the seconds to wait before *retry* (from 0), by full jitter.

    Args:
        chance: A number in [0, 1); the caller draws it, so that a test can.
        base: The longest wait before retry 0; it doubles with each retry after it.
        ceiling: What *base* may grow to, before chance is applied.
    """
    return chance * min(ceiling, _doubled(base, retry))


def _doubled(base: float, times: int) -> float:
    # 64 doublings are far beyond any ceiling, and still a float
    return float(base * 2.0 ** min(times, 64))


Jitter: TypeAlias = Literal["none", "equal", "full"] | Callable[[float], float]
"""How chance shortens a delay: not; by up to a half; to anything; or by a function of
the whole delay."""
_FIXED_PARTS: Final = {"none": 1.0, "equal": 0.5, "full": 0.0}


@frozen(kw_only=True)
class LegacyBackoff:
    """The delays of the ``legacy`` mode, as a `CustomBackoff`."""

    chance: Callable[[], float]
    """Draws a number in [0, 1) for each delay."""
    base_delay: float
    """Seconds before the first retry; they double with each retry after it."""
    max_delay: float | None = None
    """Seconds that a delay grows to, before jitter; None sets no limit."""
    jitter: Jitter = "none"

    def __call__(self, retry: int, _: SageMakerRuntimeError) -> float:
        """Return the seconds to wait before *retry*."""
        delay = _doubled(self.base_delay, retry)
        if self.max_delay is not None:
            delay = min(delay, self.max_delay)
        if callable(self.jitter):
            try:
                return self.jitter(delay)
            except SageMakerRuntimeError:
                raise
            except Exception as error:
                option = "retry_jitter"
                raise ComponentError.from_component(
                    option, self.jitter, error
                ) from error
        fixed = _FIXED_PARTS[self.jitter]
        return delay * (fixed + (1.0 - fixed) * self.chance())
