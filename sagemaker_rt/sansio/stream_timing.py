"""The times at which the parts of a stream were received."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import define, field

from sagemaker_rt.context import Key

__all__ = ["STREAM_TIMING", "StreamTiming"]


@define(eq=False)
class StreamTiming:
    """The times of a stream, in seconds of a monotonic clock.

    They begin when the request is sent; if there are retries, that of the last attempt.
    A part is received when it is read: a part that waits for a slow reader is counted
    as received late. Of the gaps between parts, only a summary is kept.
    """

    _time: Callable[[], float] = field(repr=False)
    time_to_first_part: float | None = None
    """Seconds to the first part; None before it."""
    time_to_first_text: float | None = None
    """Seconds to the first text of `iter_deltas`, or the first item of another method
    that decodes the stream; None before it, or if parts are read."""
    parts: int = 0
    """The number of parts that were received."""
    gap_min: float | None = None
    """The shortest time between two parts; None before the second part."""
    gap_max: float | None = None
    """The longest time between two parts; None before the second part."""
    _started_at: float = field(init=False, repr=False)
    _last_at: float = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._started_at = self._last_at = self._time()

    @property
    def gap_count(self) -> int:
        """The number of gaps between parts."""
        return max(0, self.parts - 1)

    @property
    def gap_mean(self) -> float | None:
        """The mean time between two parts; None before the second part."""
        if self.time_to_first_part is None or not self.gap_count:
            return None
        first_at = self._started_at + self.time_to_first_part
        return (self._last_at - first_at) / self.gap_count

    def record_parts(self, count: int) -> None:
        """Add parts that were received now, at the same time."""
        if not count:
            return
        now = self._time()
        if self.time_to_first_part is None:
            self.time_to_first_part = now - self._started_at
        else:
            self._record_gap(now - self._last_at)
        if count > 1:
            self._record_gap(0.0)
        self._last_at = now
        self.parts += count

    def record_text(self) -> None:
        """Set the time of the first text; it is now, unless it is set."""
        if self.time_to_first_text is None:
            self.time_to_first_text = self._time() - self._started_at

    def _record_gap(self, seconds: float) -> None:
        if self.gap_min is None or seconds < self.gap_min:
            self.gap_min = seconds
        if self.gap_max is None or seconds > self.gap_max:
            self.gap_max = seconds


STREAM_TIMING: Final[Key[StreamTiming]] = Key("stream_timing")
"""In the metadata of a stream, and of the errors that it raises."""
