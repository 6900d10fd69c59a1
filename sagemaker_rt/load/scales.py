"""The scales of plots: where values are, and which of them get a label."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

from attrs import frozen

__all__ = ["LinearScale", "LogScale", "Scale", "scale_of_times"]

_SPREAD = 30  # of values, from which on small ones cannot be read in a linear plot


_FEWEST_LABELS = 4
_FACTORS = (
    (1.0,),
    (1.0, 2.0, 5.0),
    (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0),
)


class Scale(Protocol):
    """Maps values to positions from 0 to 1."""

    def position(self, value: float) -> float:
        """Return the position of *value*, which is limited to the scale."""
        ...

    def ticks(self) -> tuple[float, ...]:
        """Return the values that get a label, in ascending order."""
        ...


@frozen
class LinearScale:
    """From zero to *high*, which is above 0."""

    high: float

    def position(self, value: float) -> float:
        """Return the position of *value*."""
        return min(max(value / self.high, 0.0), 1.0)

    def ticks(self) -> tuple[float, ...]:
        """Return at most seven round values, and zero."""
        return _multiples(0.0, self.high)


@frozen
class LogScale:
    """From *low* to *high*, which are above 0, and differ."""

    low: float
    high: float

    def position(self, value: float) -> float:
        """Return the position of *value*."""
        clamped = min(max(value, self.low), self.high)
        return math.log(clamped / self.low) / math.log(self.high / self.low)

    def ticks(self) -> tuple[float, ...]:
        """Return powers of ten, or if these are few, round values between them."""
        for factors in _FACTORS:
            found = tuple(
                value
                for value in _decades(self.low, self.high, factors)
                if self.low * 0.999 <= value <= self.high * 1.001
            )
            if len(found) >= _FEWEST_LABELS:
                return found
        return _multiples(self.low, self.high)


def scale_of_times(low: float, high: float) -> Scale:
    """Return a scale for times from *low* to *high*: logarithmic if they spread far."""
    high = max(high, 1e-6)
    low = max(low, 1e-6)
    if high / low < _SPREAD:
        return LinearScale(high * 1.05)
    return LogScale(low / 1.1, high * 1.1)


def _multiples(low: float, high: float) -> tuple[float, ...]:
    """Return at most eight multiples of a round number between *low* and *high*."""
    step = _round_step((high - low) / 7)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(step * n for n in range(first, last + 1))


def _round_step(about: float) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, at least *about*."""
    power = 10.0 ** math.floor(math.log10(about))
    return next(
        n * power for n in (1, 2, 2.5, 5, 10) if n * power >= about * (1 - 1e-9)
    )


def _decades(low: float, high: float, factors: tuple[float, ...]) -> Iterator[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for exponent in range(first, last + 1):
        for factor in factors:
            yield factor * 10.0**exponent
