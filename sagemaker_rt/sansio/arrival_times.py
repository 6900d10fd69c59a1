"""The times at which the calls of a load test are due."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

__all__ = ["ArrivalProcess", "arrival_times"]

ArrivalProcess: TypeAlias = Literal["poisson", "uniform"]
"""Independent arrivals, as those of many users; or arrivals at equal distances."""


def arrival_times(
    rate: float, seconds: float, process: ArrivalProcess, random: Callable[[], float]
) -> Iterator[float]:
    """Yield the times of arrivals in seconds, in ascending order, below *seconds*.

    Args:
        rate: The mean number of arrivals per second.
        random: Returns numbers from 0 to 1, without 1; for ``"poisson"`` only.
    """
    time, number = 0.0, 0
    while True:
        if process == "poisson":
            time -= math.log(1 - random()) / rate
        else:
            time = number / rate  # a sum would accumulate rounding errors
            number += 1
        if time >= seconds:
            return
        yield time
