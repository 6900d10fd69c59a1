"""What happened to the inputs of a batch job, over its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from sagemaker_rt.sansio.batch_statistics import (
    BatchCounts,
    BatchProgress,
    BatchStatistics,
)
from sagemaker_rt.sansio.latency_histogram import LatencyHistogram

__all__ = ["BatchTotals", "Finished"]


class Finished(NamedTuple):
    """How many inputs of a part an earlier run finished."""

    results: int = 0
    failures: int = 0
    """Failures that are not repeated."""


class BatchTotals:
    """Adds up the counts of parts.

    A part is started again when its worker dies. Its new counts replace the former
    ones, and what its first attempt finished counts for this run.

    Args:
        total_bytes: The size of the input.
        started: The time of the start, on any clock.
        finished: What earlier runs finished, by part.
    """

    def __init__(
        self, total_bytes: int, started: float, finished: Mapping[int, Finished]
    ) -> None:
        self.statistics = BatchStatistics(total_bytes, started)
        """The counts of all parts; those of running parts are of their last report."""
        self.failed_before = 0
        """Failures of earlier runs that were not repeated."""
        self._finished = finished
        self._running: dict[int, BatchCounts] = {}
        self._done = BatchCounts()  # of parts that have ended

    def skip(self, finished: Finished, size: int) -> None:
        """Count a part of *size* bytes that an earlier run finished."""
        skipped = finished.results + finished.failures
        self.failed_before += finished.failures
        self._done = _sum(self._done, BatchCounts(skipped=skipped, skipped_bytes=size))

    def start(self, part: int) -> None:
        """Count a part from now on."""
        self._running[part] = BatchCounts()

    def report(self, part: int, counts: BatchCounts) -> None:
        """Take the counts of a part that runs; others are ignored."""
        if part in self._running:
            self._running[part] = self._of_this_run(part, counts, 0)

    def end(
        self,
        part: int,
        counts: BatchCounts,
        failed_before: int,
        latency: LatencyHistogram,
    ) -> None:
        """Take the final counts of a part.

        Args:
            failed_before: The failures among those that were skipped.
            latency: Of the calls of the last attempt.
        """
        self._running.pop(part, None)
        before = self._finished.get(part, Finished())
        of_run = self._of_this_run(part, counts, failed_before - before.failures)
        self._done = _sum(self._done, of_run)
        self.failed_before += min(failed_before, before.failures)
        self.statistics.latency.merge(latency)

    def progress(self, now: float, limit: int) -> BatchProgress:
        """Return the state at the time *now*."""
        self.update()
        return self.statistics.progress(now, limit)

    def update(self) -> None:
        """Compute `statistics`."""
        total = self._done
        for counts in self._running.values():
            total = _sum(total, counts)
        self.statistics.replace(total)

    def _of_this_run(
        self, part: int, counts: BatchCounts, failures: int
    ) -> BatchCounts:
        """Return *counts*, with what earlier attempts of this run did.

        Args:
            failures: The failures of earlier attempts, which were skipped.
        """
        before = self._finished.get(part, Finished())
        earlier = counts.skipped - before.results - before.failures
        if earlier <= 0:
            return counts
        failures = max(failures, 0)
        errors = Counter(counts.errors)
        if failures:
            errors["Unknown"] += failures
        return counts._replace(
            done=counts.done + earlier - failures,
            failed=counts.failed + failures,
            skipped=counts.skipped - earlier,
            errors=errors,
        )


def _sum(a: BatchCounts, b: BatchCounts) -> BatchCounts:
    return BatchCounts(
        a.done + b.done,
        a.failed + b.failed,
        a.skipped + b.skipped,
        a.called_bytes + b.called_bytes,
        a.skipped_bytes + b.skipped_bytes,
        Counter(a.errors) + Counter(b.errors),
    )
