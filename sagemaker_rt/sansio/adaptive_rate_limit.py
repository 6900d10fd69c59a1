"""How fast a client may send to a service that has throttled it: the adaptive mode.

The rate at which answers come is measured. A throttle lowers the allowed rate to a part
of it, and from there the rate grows by TCP's CUBIC function: fast, then slowly where
the last throttle was, then fast again. Every send takes a token from a bucket that is
filled at the allowed rate. Numbers are those of the AWS SDKs' ``adaptive`` mode.

Time is in seconds, from any start. Should it go back, no token is lost by that.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["ClientRateLimiter", "CubicRate", "MeasuredRate", "TokenBucket"]

_BETA: Final = 0.7
_SCALE: Final = 0.4
_SMOOTHING: Final = 0.8
_INTERVAL: Final = 0.5
_LEAST_FILL: Final = 0.5
_LEAST_CAPACITY: Final = 1.0
_MOST_GROWTH: Final = 2.0
# Less than any timer resolves, and more than rounding leaves of a wait: without it, one
# who has waited for a token could be told to wait for the rest of it.
_SHORTEST_WAIT: Final = 1e-5


class CubicRate:
    """The rate that the CUBIC function allows, in sends a second.

    Args:
        most: The rate at the last throttle.
        throttled_at: When that was.
    """

    def __init__(self, most: float, throttled_at: float) -> None:
        self._set(most, throttled_at)

    def after_success(self, now: float) -> float:
        """Return the rate *now*, which has grown since the last throttle."""
        since = max(now - self._throttled_at, 0.0)
        return float(_SCALE * (since - self._plateau) ** 3 + self._most)

    def after_throttle(self, rate: float, now: float) -> float:
        """Return the rate *now*, having been throttled at *rate*."""
        self._set(rate, now)
        return rate * _BETA

    def _set(self, most: float, throttled_at: float) -> None:
        self._most = most
        self._throttled_at = throttled_at
        # after so many seconds the rate is what it was when it was throttled
        self._plateau = (most * (1 - _BETA) / _SCALE) ** (1 / 3)


class MeasuredRate:
    """The rate at which answers come, smoothed over intervals of half a second."""

    def __init__(self, now: float) -> None:
        self._rate = 0.0
        self._count = 0
        self._interval_start = float(math.floor(now))

    def record(self, now: float) -> float:
        """Count an answer, and return the rate up to the last whole interval."""
        self._count += 1
        start = math.floor(now / _INTERVAL) * _INTERVAL
        if start > self._interval_start:
            latest = self._count / (start - self._interval_start)
            self._rate = latest * _SMOOTHING + self._rate * (1 - _SMOOTHING)
            self._count = 0
            self._interval_start = start
        return self._rate


class TokenBucket:
    """Tokens that come at a rate, and are kept up to the number of a second's."""

    def __init__(self, now: float) -> None:
        self._tokens = 0.0
        self._capacity = _LEAST_CAPACITY
        self._filled_at = now
        self.fill_rate = 1.0
        """Tokens a second; change it by `set_rate`."""

    def set_rate(self, rate: float, now: float) -> None:
        """Fill at *rate* from *now* on, and never at less than one in two seconds."""
        self._fill(now)
        self.fill_rate = max(rate, _LEAST_FILL)
        self._capacity = max(rate, _LEAST_CAPACITY)

    def until(self, tokens: int, now: float) -> float:
        """Return the seconds until *tokens* are there at this rate; 0 if they are.

        More than the bucket holds will not be there at once: it is then when the last
        of them could be taken, one after the other.
        """
        self._fill(now)
        seconds = (tokens - self._tokens) / self.fill_rate
        return seconds if seconds > _SHORTEST_WAIT else 0.0

    def take(self) -> None:
        """Take a token, which must be there."""
        self._tokens -= 1

    def _fill(self, now: float) -> None:
        tokens = self._tokens + max(now - self._filled_at, 0.0) * self.fill_rate
        self._tokens = min(self._capacity, tokens)
        self._filled_at = now


class ClientRateLimiter:
    """What one endpoint's calls may send: anything, until the service throttles."""

    def __init__(self, now: float) -> None:
        self._cubic = CubicRate(0.0, now)
        self._measured = MeasuredRate(now)
        self._bucket = TokenBucket(now)
        self.is_enabled = False
        """Whether the service has throttled."""

    @property
    def rate(self) -> float:
        """Sends a second that are allowed once the service has throttled."""
        return self._bucket.fill_rate

    def until(self, sends: int, now: float) -> float:
        """Return the seconds until so many *sends* are allowed; 0 if they are now."""
        return self._bucket.until(sends, now) if self.is_enabled else 0.0

    def take(self) -> None:
        """Note a send, which must be allowed."""
        if self.is_enabled:
            self._bucket.take()

    def answered(self, now: float, *, is_throttle: bool) -> None:
        """Note an answer, and set the rate by it."""
        measured = self._measured.record(now)
        if is_throttle:
            used = min(measured, self.rate) if self.is_enabled else measured
            rate = self._cubic.after_throttle(used, now)
            self.is_enabled = True
        else:
            rate = self._cubic.after_success(now)
        self._bucket.set_rate(min(rate, _MOST_GROWTH * measured), now)
