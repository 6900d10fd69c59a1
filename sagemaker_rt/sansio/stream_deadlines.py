"""The time limits of a stream in both directions, by the times of its events.

::

    request sent ── response_timeout ──▶ response headers
    events wait to be sent ── write_timeout ──▶ some are sent
    anything received ── silence_timeout ──▶ anything received
    anything received ── ping_interval ──▶ PING ── ping_timeout ──▶ anything received
"""

from __future__ import annotations

from enum import Enum
from math import inf
from typing import Final

from attrs import define, frozen

__all__ = ["Due", "Limit", "StreamDeadlines", "StreamLimits"]


class Limit(Enum):
    """A limit that was exceeded; the value is the option that sets it."""

    RESPONSE = "read_timeout"
    WRITE = "write_timeout"
    SILENCE = "silence_timeout"
    PING = "ping_timeout"
    TOTAL = "total_timeout"


@frozen(kw_only=True)
class StreamLimits:
    """Time limits in seconds; None means no limit."""

    response: float | None = 70.0
    """From the request, and from the first event, to the response headers."""
    write: float | None = 30.0
    """A pause while events wait to be sent."""
    silence: float | None = None
    """A pause while events are received."""
    ping_interval: float | None = 25.0
    """The time without received bytes after which a PING is sent."""
    ping: float | None = 20.0
    """The time after a PING in which something must be received."""


@frozen
class Due:
    """What is due at a time."""

    limit: Limit | None = None
    """The limit that was exceeded."""
    seconds: float | None = None
    """That limit in seconds; None for the deadline of the call."""
    ping: bool = False
    """Whether a PING has to be sent."""


_NOTHING: Final = Due()


@define(eq=False)
class StreamDeadlines:
    """The deadlines of one stream. Times are seconds of a monotonic clock."""

    limits: StreamLimits
    deadline: float | None
    """The time at which the whole call times out."""
    now: float
    """The time at which the request is sent."""
    _waiting_since: float | None = None
    _stalled_since: float | None = None
    _received_at: float = 0.0
    _last_event_at: float = 0.0
    _ping_at: float | None = None
    _has_sent: bool = False

    def __attrs_post_init__(self) -> None:
        self._waiting_since = self._received_at = self._last_event_at = self.now

    def sent_event(self, now: float) -> None:
        """Record that an event was sent; the server may respond after the first."""
        if not self._has_sent:
            self._has_sent = True
            if self._waiting_since is not None:
                self._waiting_since = now

    def responded(self, now: float) -> None:
        """Record the response headers."""
        self._waiting_since = None
        self._last_event_at = now

    def received(self, now: float) -> None:
        """Record received bytes of any kind."""
        self._received_at = now
        self._ping_at = None

    def received_event(self, now: float) -> None:
        """Record received content."""
        self._last_event_at = now

    def stalled(self, now: float) -> None:
        """Record that events wait to be sent; the first time counts."""
        if self._stalled_since is None:
            self._stalled_since = now

    def progressed(self, now: float) -> None:
        """Record that some of the events that wait were sent."""
        if self._stalled_since is not None:
            self._stalled_since = now

    def flows(self) -> None:
        """Record that no event waits to be sent."""
        self._stalled_since = None

    def check(self, now: float) -> Due:
        """Return what is due; a PING counts as sent then."""
        for limit, at, seconds in self._ends():
            if now >= at:
                return Due(limit, seconds)
        if self._ping_at is None and now >= self._next_ping():
            self._ping_at = now
            return Due(ping=True)
        return _NOTHING

    def next_at(self) -> float | None:
        """Return the earliest time at which something can be due; None for never."""
        ends = [at for _, at, _ in self._ends()]
        if self._ping_at is None:
            ends.append(self._next_ping())
        earliest = min(ends, default=inf)
        return None if earliest == inf else earliest

    def _next_ping(self) -> float:
        interval = self.limits.ping_interval
        return inf if interval is None else self._received_at + interval

    def _ends(self) -> list[tuple[Limit, float, float | None]]:
        limits = self.limits
        silent_since = None if self._waiting_since is not None else self._last_event_at
        counted = (
            (Limit.RESPONSE, self._waiting_since, limits.response),
            (Limit.WRITE, self._stalled_since, limits.write),
            (Limit.SILENCE, silent_since, limits.silence),
            (Limit.PING, self._ping_at, limits.ping),
        )
        ends: list[tuple[Limit, float, float | None]] = [
            (limit, since + seconds, seconds)
            for limit, since, seconds in counted
            if since is not None and seconds is not None
        ]
        if self.deadline is not None:
            ends.append((Limit.TOTAL, self.deadline, None))
        return ends
