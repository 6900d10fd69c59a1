"""What a load test reports while it runs."""

from __future__ import annotations

from typing import Self

import attrs
from attrs import frozen

from sagemaker_rt.load.result import LatencySummary
from sagemaker_rt.sansio.load_statistics import LoadCounts, LoadStatistics

__all__ = ["LoadProgress"]


@frozen(kw_only=True)
class LoadProgress:
    """The state of a load test. Times are in seconds."""

    elapsed: float
    """Since the beginning of the measurement; negative in the warm-up."""
    seconds: float
    """The time in which calls are due."""
    interval: float
    """Since the last report."""
    in_flight: int
    counts: LoadCounts
    recent: LoadCounts
    """The numbers since the last report."""
    latency: LatencySummary
    recent_latency: LatencySummary
    """Since the last report."""
    start_lag: LatencySummary

    @classmethod
    def of(
        cls,
        statistics: LoadStatistics,
        *,
        now: float,
        in_flight: int,
        before: LoadCounts,
        interval: float,
    ) -> Self:
        """Return the state at *now*.

        Args:
            before: The numbers at the last report.
        """
        counts = attrs.evolve(statistics.counts)
        names = [field.name for field in attrs.fields(LoadCounts)]
        return cls(
            elapsed=now - statistics.begin,
            seconds=statistics.seconds,
            interval=interval,
            in_flight=in_flight,
            counts=counts,
            recent=LoadCounts(
                **{
                    name: getattr(counts, name) - getattr(before, name)
                    for name in names
                }
            ),
            latency=LatencySummary.of(statistics.latency),
            recent_latency=LatencySummary.of(statistics.take_recent()),
            start_lag=LatencySummary.of(statistics.start_lag),
        )
