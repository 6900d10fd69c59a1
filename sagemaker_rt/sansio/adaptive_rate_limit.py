"""The rate limit of the retry mode ``adaptive``.

The limiter measures the rate of responses. A throttling response reduces the allowed
rate to 70 % of the rate in use; from there it grows by the CUBIC function of TCP: fast,
then slowly near the rate of the last throttling, then fast again. Each request takes a
token from a bucket, which is filled at the allowed rate. The constants are those of the
``adaptive`` mode of the AWS SDKs.

Times are in seconds on any clock. If the clock goes back, no token is lost.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["ClientRateLimiter", "CubicRate", "MeasuredRate", "TokenBucket"]

# botocore: retries/throttling.py, retries/adaptive.py and retries/bucket.py
_BETA: Final = 0.7
_SCALE: Final = 0.4
_SMOOTHING: Final = 0.8
_INTERVAL: Final = 0.5
_MIN_FILL_RATE: Final = 0.5
_MIN_CAPACITY: Final = 1.0
_MAX_GROWTH: Final = 2.0
# Shorter waits count as none. A timer cannot resolve them, and rounding errors would
# otherwise make a caller wait a second time for the rest of its token.
_SHORTEST_WAIT: Final = 1e-5


class CubicRate:
    """The allowed rate by the CUBIC function, in requests per second.

    Args:
        max_rate: The rate at the last throttling.
        throttled_at: The time of the last throttling.
    """

    def __init__(self, max_rate: float, throttled_at: float) -> None:
        self._reset(max_rate, throttled_at)

    def after_success(self, now: float) -> float:
        """Return the allowed rate after a response that is not throttling."""
        elapsed = max(now - self._throttled_at, 0.0)
        # RFC 9438, section 4.2: W_cubic(t) = C * (t - K)**3 + W_max
        return float(_SCALE * (elapsed - self._plateau) ** 3 + self._max_rate)

    def after_throttle(self, rate: float, now: float) -> float:
        """Return the allowed rate after throttling at *rate*."""
        self._reset(rate, now)
        return rate * _BETA

    def _reset(self, max_rate: float, throttled_at: float) -> None:
        self._max_rate = max_rate
        self._throttled_at = throttled_at
        # seconds after which the rate is back at its value before throttling
        self._plateau = (max_rate * (1 - _BETA) / _SCALE) ** (1 / 3)


class MeasuredRate:
    """The rate of responses, smoothed over intervals of half a second."""

    def __init__(self, now: float) -> None:
        self._rate = 0.0
        self._count = 0
        self._interval_start = float(math.floor(now))

    def record(self, now: float) -> float:
        """Count a response, and return the rate up to the last complete interval."""
        self._count += 1
        start = math.floor(now / _INTERVAL) * _INTERVAL
        if start > self._interval_start:
            # Several intervals may have passed since the last response.
            latest = self._count / (start - self._interval_start)
            self._rate = latest * _SMOOTHING + self._rate * (1 - _SMOOTHING)
            self._count = 0
            self._interval_start = start
        return self._rate


class TokenBucket:
    """A token bucket whose capacity is the number of tokens of one second."""

    def __init__(self, now: float) -> None:
        self._tokens = 0.0
        self._capacity = _MIN_CAPACITY
        self._filled_at = now
        self.fill_rate = 1.0
        """Tokens per second; `set_rate` changes it."""

    def set_rate(self, rate: float, now: float) -> None:
        """Set the fill rate from *now* on; it is at least one token in two seconds."""
        self._fill(now)
        self.fill_rate = max(rate, _MIN_FILL_RATE)
        self._capacity = max(rate, _MIN_CAPACITY)

    def seconds_until(self, tokens: int, now: float) -> float:
        """Return the seconds until *tokens* are available; 0 if they are now.

        *tokens* may exceed the capacity. The result is then the time until the last of
        them is available, if each is taken as soon as it is.
        """
        self._fill(now)
        seconds = (tokens - self._tokens) / self.fill_rate
        return seconds if seconds > _SHORTEST_WAIT else 0.0

    def take(self) -> None:
        """Take a token; the caller has checked that one is available."""
        # After rounding by _SHORTEST_WAIT the number may fall slightly below 0.
        self._tokens -= 1

    def _fill(self, now: float) -> None:
        tokens = self._tokens + max(now - self._filled_at, 0.0) * self.fill_rate
        self._tokens = min(self._capacity, tokens)
        self._filled_at = now


class ClientRateLimiter:
    """The rate limiter of one endpoint; it limits nothing before the first throttling.

    The name is that of botocore's class.
    """

    def __init__(self, now: float) -> None:
        self._cubic = CubicRate(0.0, now)
        self._measured = MeasuredRate(now)
        self._bucket = TokenBucket(now)
        self.is_enabled = False
        """Whether the service has throttled."""

    @property
    def rate(self) -> float:
        """Allowed requests per second; in force once `is_enabled`."""
        return self._bucket.fill_rate

    def seconds_until(self, requests: int, now: float) -> float:
        """Return the seconds until so many *requests* are allowed; 0 if they are now.

        The count includes requests that are already waiting.
        """
        return self._bucket.seconds_until(requests, now) if self.is_enabled else 0.0

    def take(self) -> None:
        """Count a request; the caller has checked that it is allowed."""
        if self.is_enabled:
            self._bucket.take()

    def record_response(self, now: float, *, is_throttle: bool) -> None:
        """Count a response, and adapt the allowed rate."""
        measured = self._measured.record(now)
        if is_throttle:
            # The measured rate lags behind, so it may exceed the allowed one.
            used = min(measured, self.rate) if self.is_enabled else measured
            rate = self._cubic.after_throttle(used, now)
            self.is_enabled = True
        else:
            rate = self._cubic.after_success(now)
        # Without this limit, the rate of a client with few calls would grow forever.
        self._bucket.set_rate(min(rate, _MAX_GROWTH * measured), now)
