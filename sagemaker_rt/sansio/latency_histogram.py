"""A histogram of times, with bounded memory and a bounded relative error."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

from attrs import frozen

__all__ = ["Bucket", "LatencyHistogram"]

RELATIVE_ERROR: Final = 0.005
_LOWEST: Final = 1e-6  # seconds; shorter times are counted as this one
_HIGHEST: Final = 1e6
_GAMMA: Final = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GAMMA: Final = math.log(_GAMMA)


@frozen
class Bucket:
    """The number of times in an interval, in seconds."""

    low: float
    """The exclusive lower bound."""
    high: float
    """The inclusive upper bound."""
    count: int


class LatencyHistogram:
    """Counts times in buckets whose width is proportional to the time.

    Percentiles are exact to 0.5 %, as in DDSketch. Minimum, maximum, count and mean are
    exact. There are at most 2,764 buckets, from one microsecond to 11 days.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._sum = 0.0
        self.count = 0
        """The number of times."""
        self.min: float | None = None
        """The shortest time in seconds; None without times."""
        self.max: float | None = None
        """The longest time in seconds; None without times."""

    @property
    def mean(self) -> float | None:
        """The mean in seconds; None without times."""
        return self._sum / self.count if self.count else None

    def add(self, seconds: float) -> None:
        """Count a time; a negative one counts as zero."""
        seconds = max(seconds, 0.0)
        clamped = min(max(seconds, _LOWEST), _HIGHEST)
        self._counts[math.ceil(math.log(clamped) / _LOG_GAMMA)] += 1
        self._sum += seconds
        self.count += 1
        self.min = seconds if self.min is None else min(self.min, seconds)
        self.max = seconds if self.max is None else max(self.max, seconds)

    def merge(self, other: LatencyHistogram) -> None:
        """Count the times of *other* too."""
        if other.min is None or other.max is None:
            return
        self._counts.update(other._counts)
        self._sum += other._sum
        self.count += other.count
        self.min = other.min if self.min is None else min(self.min, other.min)
        self.max = other.max if self.max is None else max(self.max, other.max)

    def percentile(self, percent: float) -> float | None:
        """Return a time that *percent* of all times do not exceed; None without times.

        Args:
            percent: From 0 to 100; the result is the nearest rank, not interpolated.
        """
        if self.min is None or self.max is None:
            return None
        rank = max(1, math.ceil(self.count * percent / 100))
        if rank >= self.count:
            return self.max
        seen = 0
        indices = iter(sorted(self._counts))
        index = 0
        while seen < rank:
            index = next(indices)
            seen += self._counts[index]
        # the value in the bucket with the same relative error to both of its bounds
        middle = 2 * _GAMMA**index / (_GAMMA + 1)
        return min(max(middle, self.min), self.max)

    def supports(self, percent: float) -> bool:
        """Return whether at least one time is expected beyond a percentile.

        The 99th percentile needs 100 times. With fewer, it would be the maximum.
        """
        return self.count * (100 - percent) >= 100 - 1e-9

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the buckets that are not empty, in ascending order."""
        return tuple(
            Bucket(_GAMMA ** (index - 1), _GAMMA**index, self._counts[index])
            for index in sorted(self._counts)
        )
