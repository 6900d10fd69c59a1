"""What calls have used of a budget of calls and seconds."""

from __future__ import annotations

import math
from typing import Final, Literal

from sagemaker_rt.errors import OptionsError

__all__ = ["Spending"]


class Spending:
    """The calls that were made, the seconds that they took, and the limits of both.

    Args:
        calls: The number of calls that may be made; None for no limit.
        seconds: The time that all calls may take together; None for no limit.

    Raises:
        OptionsError: A limit is negative, or neither is set.
    """

    def __init__(self, calls: int | None, seconds: float | None) -> None:
        if calls is None and seconds is None:
            message = "a budget needs calls, seconds, or both"
            raise OptionsError(message)
        for name, limit in (("calls", calls), ("seconds", seconds)):
            if limit is not None and not limit >= 0:
                message = f"{name} must be 0 or more, or None: {limit!r}"
                raise OptionsError(message)
        self.max_calls: Final = calls
        self.max_seconds: Final = seconds
        self.calls = 0
        """The calls that were made, which the owner counts."""
        self.seconds = 0.0
        """The seconds that they took, which the owner adds when a call has ended."""

    @property
    def calls_left(self) -> float:
        """The calls that may still be made; infinity without a limit."""
        return math.inf if self.max_calls is None else self.max_calls - self.calls

    @property
    def seconds_left(self) -> float:
        """The seconds that are left; infinity without a limit."""
        if self.max_seconds is None:
            return math.inf
        return max(self.max_seconds - self.seconds, 0.0)

    @property
    def used_up(self) -> Literal["calls", "seconds"] | None:
        """What is used up; None if a call may be made."""
        if self.max_calls is not None and self.calls >= self.max_calls:
            return "calls"
        if self.max_seconds is not None and self.seconds >= self.max_seconds:
            return "seconds"
        return None
