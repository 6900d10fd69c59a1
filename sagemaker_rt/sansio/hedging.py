"""When a second request is sent for a call that is slow, and how often."""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["HedgeBudget", "LatencyQuantile"]

_FEWEST: Final = 20  # samples below which a quantile says little
_RENEWAL: Final = 32  # samples after which the quantile is computed again
# sums of a share such as 0.05 are rounded
_ONE: Final = 1.0 - 1e-9


class LatencyQuantile:
    """A quantile of the latest latencies, from 20 of them on.

    Args:
        quantile: A number between 0 and 1, such as 0.95.
        size: The number of latencies that are kept.
    """

    def __init__(self, quantile: float, size: int = 256) -> None:
        self._quantile: Final = quantile
        self._samples: Final = deque[float](maxlen=size)
        self._until_renewal = _FEWEST

    def record(self, seconds: float) -> float | None:
        """Add a latency; return the quantile if it is time to compute it again."""
        self._samples.append(seconds)
        self._until_renewal -= 1
        if self._until_renewal:
            return None
        self._until_renewal = _RENEWAL
        # the nearest rank, which is one of the samples
        return sorted(self._samples)[int(self._quantile * len(self._samples))]


class HedgeBudget:
    """Permits second requests for a share of the calls, and never for more.

    A call earns a part of a request. What is not used is kept for later, up to a limit.

    Args:
        share: The second requests per call, such as 0.05.
        burst: The largest number of requests that are kept.
    """

    def __init__(self, share: float, burst: int) -> None:
        self._share: Final = share
        self._burst: Final = burst
        self._saved = 0.0
        self._calls_before = 0
        self.calls = 0
        """The number of calls that were started, which the owner counts."""

    def take(self) -> bool:
        """Use one request; return False if none is left."""
        earned = (self.calls - self._calls_before) * self._share
        self._calls_before = self.calls
        self._saved = min(self._saved + earned, self._burst)
        if self._saved < _ONE:
            return False
        self._saved -= 1.0
        return True
