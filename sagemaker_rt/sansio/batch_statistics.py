"""Progress and latency of a batch job, in bounded memory."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping
from typing import Final, NamedTuple

from attrs import field, frozen

from sagemaker_rt.sansio.latency_histogram import LatencyHistogram

__all__ = [
    "BatchCounts",
    "BatchProgress",
    "BatchStatistics",
    "duration_text",
]

_WINDOW: Final = 30.0  # seconds over which the rate is measured
_SAMPLE_GAP: Final = 0.5
_MINUTE: Final = 60
_HOUR: Final = 3600


@frozen(kw_only=True)
class BatchProgress:
    """The state of a batch job."""

    done: int
    """Inputs whose results were written in this run."""
    failed: int
    """Inputs that failed in this run."""
    skipped: int
    """Inputs that an earlier run finished."""
    limit: int
    """The number of calls that may be in flight."""
    elapsed: float
    """Seconds since the start of this run."""
    rate: float
    """Inputs per second, over the last 30 seconds."""
    fraction: float | None
    """The share of the input that was handled, from 0 to 1; None if its size is not
    known."""
    seconds_left: float | None
    """The expected time to the end; None if it is not known yet."""
    errors: Mapping[str, int] = field(factory=dict)
    """The number of failures by their code."""

    @property
    def line(self) -> str:
        """The state on one line."""
        share = "" if self.fraction is None else f"{self.fraction:.1%}, "
        parts = [f"{self.done:,} done"]
        if self.failed:
            codes = ", ".join(f"{n:,} {code}" for code, n in self.errors.items())
            parts.append(f"{self.failed:,} failed ({codes})")
        if self.skipped:
            parts.append(f"{self.skipped:,} skipped")
        parts.append(f"{self.rate:,.1f}/s")
        parts.append(f"{self.limit} in flight at most")
        if self.seconds_left is not None:
            parts.append(f"{duration_text(self.seconds_left)} left")
        return share + ", ".join(parts)


class BatchCounts(NamedTuple):
    """What happened to inputs, as plain numbers."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    called_bytes: int = 0
    """The size of inputs that were called."""
    skipped_bytes: int = 0
    """The size of all else that was read."""
    errors: Mapping[str, int] = {}
    """The number of failures by their code."""


class BatchStatistics:
    """Counts what happened to inputs.

    Args:
        total_bytes: The size of the input; None if it is not known.
        started: The time of the start, on any clock.
    """

    def __init__(self, total_bytes: int | None, started: float) -> None:
        self._total = total_bytes
        self._started = started
        self._bytes = self._skipped_bytes = 0
        self._samples: deque[tuple[float, int, int]] = deque([(started, 0, 0)])
        self.latency = LatencyHistogram()
        self.errors: Counter[str] = Counter()
        self.done = self.failed = self.skipped = 0

    def succeeded(self, size: int, latency: float) -> None:
        """Count an input of *size* bytes with a result."""
        self.done += 1
        self._bytes += size
        self.latency.add(latency)

    def failed_with(self, code: str, size: int) -> None:
        """Count an input that failed."""
        self.failed += 1
        self._bytes += size
        self.errors[code] += 1

    def skip(self, size: int) -> None:
        """Count an input that an earlier run finished."""
        self.skipped += 1
        self.ignore(size)

    def ignore(self, size: int) -> None:
        """Count bytes that are not an input."""
        self._skipped_bytes += size

    def counts(self) -> BatchCounts:
        """Return what was counted."""
        return BatchCounts(
            self.done,
            self.failed,
            self.skipped,
            self._bytes,
            self._skipped_bytes,
            dict(self.errors),
        )

    def replace(self, counts: BatchCounts) -> None:
        """Replace what was counted, apart from latencies."""
        self.done, self.failed, self.skipped = counts[:3]
        self._bytes, self._skipped_bytes = counts.called_bytes, counts.skipped_bytes
        self.errors = Counter(counts.errors)

    def progress(self, now: float, limit: int) -> BatchProgress:
        """Return the state at the time *now*."""
        handled = self.done + self.failed
        samples = self._samples
        if now - samples[-1][0] >= _SAMPLE_GAP:
            samples.append((now, handled, self._bytes))
        # the oldest sample is at the start of the window, or just before it
        while len(samples) > 1 and samples[1][0] <= now - _WINDOW:
            samples.popleft()
        since, handled_then, bytes_then = samples[0]
        seconds = max(now - since, 1e-9)
        rate = (handled - handled_then) / seconds
        byte_rate = (self._bytes - bytes_then) / seconds
        fraction = left = None
        if self._total is not None:
            seen = self._bytes + self._skipped_bytes
            fraction = min(seen / self._total, 1.0) if self._total else 1.0
            if byte_rate > 0:
                left = max(self._total - seen, 0) / byte_rate
        return BatchProgress(
            done=self.done,
            failed=self.failed,
            skipped=self.skipped,
            limit=limit,
            elapsed=now - self._started,
            rate=rate,
            fraction=fraction,
            seconds_left=left,
            errors=dict(self.errors.most_common()),
        )


def duration_text(seconds: float) -> str:
    """Return a duration such as ``2 h 05 min``, ``3 min 20 s`` or ``12 s``."""
    whole = math.ceil(seconds)
    if whole >= _HOUR:
        return f"{whole // _HOUR:,} h {whole % _HOUR // _MINUTE:02} min"
    if whole >= _MINUTE:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    return f"{whole} s"
