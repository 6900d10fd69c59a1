"""The result of a load test, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self, TypeAlias

import attrs
from attrs import frozen

from sagemaker_rt.sansio.latency_histogram import Bucket, LatencyHistogram
from sagemaker_rt.sansio.load_statistics import LoadCounts, LoadStatistics, Slot

__all__ = [
    "PERCENTILES",
    "ErrorSummary",
    "LatencySummary",
    "LoadEnd",
    "LoadPlan",
    "LoadResult",
    "TimeSlot",
]

LoadEnd: TypeAlias = Literal["completed", "interrupted"]
PERCENTILES: Final = {
    "p50": 50.0,
    "p75": 75.0,
    "p90": 90.0,
    "p95": 95.0,
    "p99": 99.0,
    "p99_9": 99.9,
}
_MAX_LAG: Final = 0.01  # seconds
_MAX_SHARE: Final = 0.1  # of the median latency
_MAX_MISSED: Final = 0.01  # of the scheduled calls


@frozen(kw_only=True)
class LatencySummary:
    """A distribution of times in seconds.

    A percentile is None if there are too few times for it: the 99th needs 100.
    """

    count: int
    mean: float | None
    min: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    p99_9: float | None
    max: float | None
    buckets: tuple[Bucket, ...]
    """The histogram; percentiles are exact to 0.5 %."""

    @classmethod
    def of(cls, histogram: LatencyHistogram) -> Self:
        """Return the summary of *histogram*."""
        return cls(
            count=histogram.count,
            mean=histogram.mean,
            min=histogram.min,
            max=histogram.max,
            buckets=histogram.buckets(),
            **{
                name: histogram.percentile(q) if histogram.supports(q) else None
                for name, q in PERCENTILES.items()
            },
        )


@frozen(kw_only=True)
class ErrorSummary:
    """The failed calls with one type of error."""

    type: str
    count: int
    example: str
    """The text of the first one."""
    latency: LatencySummary


@frozen(kw_only=True)
class TimeSlot:
    """The calls that were due in an interval. Times are in seconds.

    Percentiles are the nearest rank: with few calls, the 90th is the maximum.
    """

    start: float
    """Seconds since the beginning of the measurement."""
    seconds: float
    """The width of the interval."""
    scheduled: int
    succeeded: int
    failed: int
    dropped: int
    not_started: int
    latency_p50: float | None
    latency_p90: float | None
    latency_p99: float | None
    latency_max: float | None
    first_token_p50: float | None
    first_token_p90: float | None
    first_token_p99: float | None
    first_token_max: float | None


@frozen(kw_only=True)
class LoadPlan:
    """The load that was requested."""

    endpoint_name: str
    operation: str
    loop: Literal["open", "closed"]
    seconds: float
    """The time in which calls are due."""
    warm_up: float
    """Seconds of load before the measurement."""
    rate: float | None = None
    """Calls per second of an open loop."""
    arrivals: str | None = None
    seed: int | None = None
    max_in_flight: int
    """The limit of an open loop, or the concurrency of a closed one."""
    unit: str | None = None
    """What is counted in streams: tokens or parts."""


@frozen(kw_only=True)
class LoadResult:
    """What a load test measured. All times are in seconds."""

    plan: LoadPlan
    end: LoadEnd
    seconds: float
    """The time from the beginning of the measurement to the end of the last call, or
    to the interruption."""
    counts: LoadCounts
    """The numbers of calls, without those of the warm-up."""
    warm_up_calls: int
    max_in_flight: int
    """The highest number of calls that were in flight."""
    latency: LatencySummary
    """Of successful calls: in an open loop from the scheduled arrival, in a closed loop
    from the start; to the end of the response, with all retries."""
    service_time: LatencySummary
    """Of successful calls, from their start."""
    first_token: LatencySummary
    """The time to the first token, measured from where `latency` begins."""
    per_token: LatencySummary
    """The mean time between tokens of each call, after the first."""
    start_lag: LatencySummary
    """How late calls were started: the error of this process."""
    errors: tuple[ErrorSummary, ...]
    """The most frequent one first."""
    timeline: tuple[TimeSlot, ...]

    @property
    def throughput(self) -> float:
        """Successful calls per second."""
        return self.counts.succeeded / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Tokens, or parts, per second of all successful streams together."""
        return self.counts.tokens / self.seconds if self.seconds else 0.0

    @property
    def arrival_seconds(self) -> float:
        """The time in which calls were due; shorter than planned if interrupted."""
        return min(self.seconds, self.plan.seconds)

    @property
    def scheduled_rate(self) -> float:
        """Calls that were due per second."""
        return self._per_second(self.counts.scheduled)

    @property
    def started_rate(self) -> float:
        """Calls per second that started in the time in which they were due."""
        return self._per_second(self.counts.started_in_time)

    @property
    def kept_up(self) -> bool:
        """Whether this process started the calls when they were due.

        It did not if `usual_lag` is above 10 ms and above a tenth of the median
        latency, or if more than 1 % of the calls were not started. Then the latency is
        partly that of this process. Dropped calls do not count: they are a limit, and
        not a delay.
        """
        counts, (_, lag) = self.counts, self.usual_lag
        due = counts.scheduled - counts.dropped
        usual_latency = self.latency.p50 or self.latency.mean or 0.0
        limit = max(_MAX_LAG, _MAX_SHARE * usual_latency)
        return lag <= limit and counts.not_started <= _MAX_MISSED * due

    @property
    def usual_lag(self) -> tuple[str, float]:
        """The highest percentile of `start_lag` that is not by chance, and its name."""
        lag = self.start_lag
        for name, value in (("p99", lag.p99), ("p90", lag.p90), ("maximum", lag.max)):
            if value is not None:
                return name, value
        return "maximum", 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the result for JSON, with the rates and `kept_up`."""
        rates = {
            "throughput": self.throughput,
            "tokens_per_second": self.tokens_per_second,
            "scheduled_rate": self.scheduled_rate,
            "started_rate": self.started_rate,
            "kept_up": self.kept_up,
        }
        counts = {**attrs.asdict(self.counts), "unfinished": self.counts.unfinished}
        return {**rates, **attrs.asdict(self), "counts": counts}

    def _per_second(self, count: int) -> float:
        return count / self.arrival_seconds if self.arrival_seconds else 0.0

    @classmethod
    def of(
        cls, plan: LoadPlan, statistics: LoadStatistics, facts: Mapping[str, Any]
    ) -> Self:
        """Return the result with what *statistics* counted.

        Args:
            facts: The fields that the statistics do not have.
        """
        return cls(
            plan=plan,
            counts=attrs.evolve(statistics.counts),
            latency=LatencySummary.of(statistics.latency),
            service_time=LatencySummary.of(statistics.service_time),
            first_token=LatencySummary.of(statistics.first_token),
            per_token=LatencySummary.of(statistics.per_token),
            start_lag=LatencySummary.of(statistics.start_lag),
            errors=_errors(statistics),
            timeline=_timeline(statistics, facts["seconds"]),
            **facts,
        )


def _errors(statistics: LoadStatistics) -> tuple[ErrorSummary, ...]:
    errors = [
        ErrorSummary(
            type=name,
            count=error.latency.count,
            example=error.example,
            latency=LatencySummary.of(error.latency),
        )
        for name, error in statistics.errors.items()
    ]
    return tuple(sorted(errors, key=lambda error: -error.count))


def _timeline(statistics: LoadStatistics, seconds: float) -> tuple[TimeSlot, ...]:
    """Return the slots that had begun after *seconds*."""
    width = statistics.width
    starts = [round(number * width, 6) for number in range(len(statistics.slots))]
    return tuple(
        _time_slot(slot, start, min(width, statistics.seconds - start))
        for start, slot in zip(starts, statistics.slots, strict=True)
        if start < seconds
    )


def _time_slot(slot: Slot, start: float, seconds: float) -> TimeSlot:
    return TimeSlot(
        start=start,
        seconds=seconds,
        scheduled=slot.scheduled,
        succeeded=slot.succeeded,
        failed=slot.failed,
        dropped=slot.dropped,
        not_started=slot.not_started,
        latency_p50=slot.latency.percentile(50),
        latency_p90=slot.latency.percentile(90),
        latency_p99=slot.latency.percentile(99),
        latency_max=slot.latency.max,
        first_token_p50=slot.first_token.percentile(50),
        first_token_p90=slot.first_token.percentile(90),
        first_token_p99=slot.first_token.percentile(99),
        first_token_max=slot.first_token.max,
    )
