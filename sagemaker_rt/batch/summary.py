"""What a run of a batch job did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from sagemaker_rt.sansio.batch_statistics import BatchStatistics, duration_text

__all__ = ["BatchSummary"]

_SHORT: Final = 10.0  # seconds


@frozen(kw_only=True)
class BatchSummary:
    """What a run of a batch job did."""

    output: str
    """The file of results; a copy on this machine if S3 could not store it."""
    failures: str
    """The file of failures; it exists if there are any."""
    done: int
    """Inputs whose results were written in this run."""
    failed: int
    """Inputs that failed in this run."""
    skipped: int
    """Inputs that an earlier run finished."""
    failed_before: int
    """Failures of earlier runs that were not repeated; they are among *skipped*."""
    elapsed: float
    """The duration of this run, in seconds."""
    latency: Mapping[str, float] = field(factory=dict)
    """Seconds that successful calls took, with their retries: ``mean``, ``p50``,
    ``p90``, ``p99`` and ``max``. Percentiles are exact to 0.5 %."""
    errors: Mapping[str, int] = field(factory=dict)
    """The number of failures by their code."""
    is_complete: bool = False
    """Whether each input has a result or a failure."""

    @property
    def succeeded(self) -> bool:
        """Whether each input has a result."""
        return self.is_complete and not self.failed and not self.failed_before

    @property
    def text(self) -> str:
        """The summary on a few lines."""
        rate = self.done / self.elapsed if self.elapsed else 0.0
        is_short = self.elapsed < _SHORT
        duration = (_seconds if is_short else duration_text)(self.elapsed)
        counts = f"{self.failed:,} failed, {self.skipped:,} skipped"
        if self.failed_before:
            counts += f", of which {self.failed_before:,} failed before"
        lines = [f"{self.done:,} done in {duration} ({rate:,.1f}/s), {counts}"]
        if self.done:
            shown = [f"{name} {_seconds(at)}" for name, at in self.latency.items()]
            lines.append(f"latency: {', '.join(shown)}")
        for code, count in self.errors.items():
            lines.append(f"failed: {count:,} {code}")
        lines.append(f"results: {self.output}")
        if self.failed or self.failed_before:
            lines.append(f"failures: {self.failures}")
        return "\n".join(lines)

    @classmethod
    def of(  # noqa: PLR0913 - all are keywords
        cls,
        statistics: BatchStatistics,
        *,
        output: str,
        failures: str,
        failed_before: int,
        elapsed: float,
        is_complete: bool,
    ) -> BatchSummary:
        """Return the summary of what *statistics* counted."""
        latency = statistics.latency
        return cls(
            output=output,
            failures=failures,
            done=statistics.done,
            failed=statistics.failed,
            skipped=statistics.skipped,
            failed_before=failed_before,
            elapsed=elapsed,
            latency={
                "mean": latency.mean or 0.0,
                **{f"p{p}": latency.percentile(p) or 0.0 for p in (50, 90, 99)},
                "max": latency.max or 0.0,
            },
            errors=dict(statistics.errors.most_common()),
            is_complete=is_complete,
        )


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"
