"""When a second request is sent for a call that is slow, and how often."""

from __future__ import annotations

from typing import Final

__all__ = ["HedgeBudget", "LatencyQuantile"]

_FEWEST: Final = 20  # samples below which a quantile says little
_RENEWAL: Final = 16  # samples after which the quantile is computed again
# sums of a share such as 0.05 are rounded
_ONE: Final = 1.0 - 1e-9


class LatencyQuantile:
    """A quantile of the latest latencies; None until there are 20 of them.

    Args:
        quantile: A number between 0 and 1, such as 0.95.
        size: The number of latencies that are kept.
    """

    def __init__(self, quantile: float, size: int = 256) -> None:
        self._quantile: Final = quantile
        self._size: Final = size
        self._samples: list[float] = []
        self._count = 0
        self.value: float | None = None

    def record(self, seconds: float) -> None:
        """Add a latency; every 16th one renews the value."""
        samples = self._samples
        if len(samples) < self._size:
            samples.append(seconds)
        else:
            samples[self._count % self._size] = seconds
        self._count += 1
        if self._count >= _FEWEST and (
            self.value is None or not self._count % _RENEWAL
        ):
            # the nearest rank, which is one of the samples
            self.value = sorted(samples)[int(self._quantile * len(samples))]


class HedgeBudget:
    """Permits second requests for a share of the calls, and never for more.

    A call that is started earns a part of a request. What is not used is kept for
    later, up to a limit.

    Args:
        share: The second requests per call, such as 0.05.
        burst: The largest number of requests that are kept.
    """

    def __init__(self, share: float, burst: int) -> None:
        self._share: Final = share
        self._burst: Final = burst
        self._saved = 0.0

    def add_call(self) -> None:
        """Count a call."""
        if self._saved < self._burst:
            self._saved = min(self._saved + self._share, self._burst)

    def take(self) -> bool:
        """Use one request; return False if none is left."""
        if self._saved < _ONE:
            return False
        self._saved -= 1.0
        return True
