"""The metric in which the standard stack records how long a middleware takes."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["DurationMetric"]


class DurationMetric(NamedTuple):
    """The name of a histogram, and the part of a middleware that it measures.

    A middleware class declares it as the class attribute ``duration_metric``. If a
    meter provider is set, the standard stack measures the middleware.
    """

    name: str
    part: Literal["before_next", "after_next"]
    """``before_next``: until the middleware calls *next*. ``after_next``: from the
    return of *next* to the middleware's own return."""
