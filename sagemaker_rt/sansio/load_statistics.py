"""What a load test counts, in bounded memory."""

from __future__ import annotations

import math
from typing import Final

from attrs import define, field, frozen

from sagemaker_rt.sansio.latency_histogram import LatencyHistogram

__all__ = [
    "CallFacts",
    "ErrorStatistics",
    "LoadCounts",
    "LoadStatistics",
    "Slot",
    "slot_width",
]

MAX_SLOTS: Final = 60
_FEWEST_SLOTS: Final = 10
_CALLS_OF_SLOT: Final = 20  # so that a percentile is more than chance
MAX_ERROR_TYPES: Final = 50
OTHER_ERRORS: Final = "other errors"
_WIDTHS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@frozen(kw_only=True)
class CallFacts:
    """A call that has ended. Times are in seconds of one clock."""

    due: float
    """When the call was due: its scheduled arrival, or in a closed loop, its start."""
    started: float
    ended: float
    first_token: float | None = None
    """When the first token was received; None without a stream."""
    last_token: float | None = None
    tokens: int = 0
    """The number of tokens in the response, or of parts."""
    response_bytes: int = 0
    retries: int = 0
    error: str | None = None
    """The type of the error; None if the call succeeded."""
    message: str = ""
    """The text of the error."""

    @property
    def seconds_per_token(self) -> float | None:
        """The mean time between tokens; None if there are fewer than two."""
        if self.first_token is None or self.last_token is None or self.tokens <= 1:
            return None
        return (self.last_token - self.first_token) / (self.tokens - 1)


@define
class LoadCounts:
    """The numbers of calls of a load test, by what became of them."""

    scheduled: int = 0
    """Calls that were due: all of the others."""
    started: int = 0
    """Calls that were made: succeeded, failed or unfinished."""
    started_in_time: int = 0
    """Calls that started before the end of the time in which calls were due."""
    succeeded: int = 0
    failed: int = 0
    dropped: int = 0
    """Calls that were not made, since too many were in flight."""
    not_started: int = 0
    """Calls that were due, and not started when the test ended."""
    retries: int = 0
    """Attempts after the first, in all calls."""
    tokens: int = 0
    """Tokens or parts in the responses of streams."""
    response_bytes: int = 0

    @property
    def unfinished(self) -> int:
        """Calls that are in flight, or were cancelled at the end of the test."""
        ended = self.succeeded + self.failed
        return self.scheduled - ended - self.dropped - self.not_started


@define
class Slot:
    """The calls that were due in an interval of a load test."""

    scheduled: int = 0
    succeeded: int = 0
    failed: int = 0
    dropped: int = 0
    not_started: int = 0
    latency: LatencyHistogram = field(factory=LatencyHistogram)
    first_token: LatencyHistogram = field(factory=LatencyHistogram)


@define
class ErrorStatistics:
    """The failed calls with one type of error."""

    example: str
    """The text of the first error."""
    latency: LatencyHistogram = field(factory=LatencyHistogram)


def slot_width(seconds: float, rate: float | None = None) -> float:
    """Return the width of at most 60 slots for a test of *seconds*.

    With a *rate*, a slot has about 20 calls or more, unless few slots would be left.
    """
    least = seconds / MAX_SLOTS
    if rate is not None:
        least = max(least, min(_CALLS_OF_SLOT / rate, seconds / _FEWEST_SLOTS))
    enough = least * (1 - 1e-9)
    return next((width for width in _WIDTHS if width >= enough), least)


class LoadStatistics:
    """Counts the calls of a load test.

    Args:
        begin: The time at which the measurement begins.
        seconds: The time in which calls are due.
        rate: Calls per second, if it is known.
    """

    def __init__(self, begin: float, seconds: float, rate: float | None = None) -> None:
        self.begin: Final = begin
        self.seconds: Final = seconds
        self.width: Final = slot_width(seconds, rate)
        self.slots: Final = [Slot() for _ in range(math.ceil(seconds / self.width))]
        self.last_end = begin
        """The time at which the last call ended."""
        self.counts: Final = LoadCounts()
        self.latency = LatencyHistogram()
        """From the time when calls were due to their end; of successful calls."""
        self.service_time = LatencyHistogram()
        """From the start of calls to their end; of successful calls."""
        self.first_token = LatencyHistogram()
        self.per_token = LatencyHistogram()
        self.start_lag = LatencyHistogram()
        """From the time when calls were due to their start; of all that started."""
        self.errors: dict[str, ErrorStatistics] = {}
        self.recent = LatencyHistogram()
        """The latency since the last call of `take_recent`."""

    def schedule(self, due: float) -> None:
        """Count a call that was due."""
        self.counts.scheduled += 1
        self._slot(due).scheduled += 1

    def start(self, due: float, now: float) -> None:
        """Count a call that starts."""
        self.counts.started += 1
        self.counts.started_in_time += now < self.begin + self.seconds
        self.start_lag.add(now - due)

    def drop(self, due: float) -> None:
        """Count a call that was not made: too many were in flight."""
        self.counts.dropped += 1
        self._slot(due).dropped += 1

    def miss(self, due: float) -> None:
        """Count a call that was due, and not started when the test ended."""
        self.counts.not_started += 1
        self._slot(due).not_started += 1

    def end(self, call: CallFacts) -> None:
        """Count a call that has ended."""
        self.counts.retries += call.retries
        self.last_end = max(self.last_end, call.ended)
        slot, latency = self._slot(call.due), call.ended - call.due
        if call.error is not None:
            self.counts.failed += 1
            slot.failed += 1
            self._error(call.error, call.message).latency.add(latency)
            return
        self.counts.succeeded += 1
        slot.succeeded += 1
        self.counts.tokens += call.tokens
        self.counts.response_bytes += call.response_bytes
        for histogram in (self.latency, self.recent, slot.latency):
            histogram.add(latency)
        self.service_time.add(call.ended - call.started)
        if call.first_token is not None:
            self.first_token.add(call.first_token - call.due)
            slot.first_token.add(call.first_token - call.due)
        if call.seconds_per_token is not None:
            self.per_token.add(call.seconds_per_token)

    def take_recent(self) -> LatencyHistogram:
        """Return the latency since the last call of this function."""
        recent, self.recent = self.recent, LatencyHistogram()
        return recent

    def _slot(self, due: float) -> Slot:
        index = int((due - self.begin) / self.width)
        return self.slots[min(index, len(self.slots) - 1)]

    def _error(self, name: str, message: str) -> ErrorStatistics:
        if name not in self.errors and len(self.errors) >= MAX_ERROR_TYPES:
            name = OTHER_ERRORS
        return self.errors.setdefault(name, ErrorStatistics(message))
