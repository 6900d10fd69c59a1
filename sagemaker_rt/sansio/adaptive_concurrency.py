"""The number of concurrent calls that an endpoint can serve, found while it is called.

Additive increase, multiplicative decrease (AIMD), as in TCP:

* the limit doubles per round until it is lowered for the first time;
* then it grows by one per round;
* after a throttle, 70 % of it remain;
* after a round that was slow, 50 to 90 % of it remain: the less, the slower it was; and
  half of it if it was doubling.

A round is as many successful calls as the limit at its start. It is slow if its mean
latency exceeds the latency of a lightly loaded endpoint by a factor: then further calls
only wait in the queue of the container. The latency of the lightly loaded endpoint is
the lowest mean of a round. It rises while rounds stay slow although the limit was
lowered: then the model itself became slower. Calls that were in flight when the limit
was lowered are in no round, because they were slow under the limit before.
"""

from __future__ import annotations

from typing import Final

from sagemaker_rt.errors import OptionsError

__all__ = ["AdaptiveConcurrency"]

_AFTER_THROTTLE: Final = 0.7
_AFTER_SLOW_ROUND: Final = 0.9
_AFTER_SLOWEST_ROUND: Final = 0.5
_BASELINE_RISE: Final = 0.1  # of the distance to the mean of a round
_SLOW_ROUNDS: Final = 3  # that a limit that was too high explains
_SHORTEST_ROUND: Final = 8  # calls: the mean of fewer says little
_USED: Final = 0.8  # share of the limit that must be in use to raise it


class AdaptiveConcurrency:
    """A limit of concurrent calls that follows throttles and latency.

    It decides, and does not wait: the owner counts calls in flight, and starts no
    further one while they are `limit` or more.

    Args:
        initial: The limit at the start.
        minimum: The lowest limit.
        maximum: The highest limit.
        latency_tolerance: The factor by which a round may be slower than the lightly
            loaded endpoint.

    Raises:
        OptionsError: The limits are not ordered, or an argument is out of range.
    """

    def __init__(
        self,
        *,
        initial: int = 8,
        minimum: int = 1,
        maximum: int = 256,
        latency_tolerance: float = 2.0,
    ) -> None:
        if not 1 <= minimum <= initial <= maximum:
            message = (
                "the limits must be 1 <= minimum <= initial <= maximum, "
                f"not {minimum}, {initial}, {maximum}"
            )
            raise OptionsError(message)
        if not latency_tolerance > 1:
            message = f"latency_tolerance must be over 1, not {latency_tolerance}"
            raise OptionsError(message)
        self._minimum, self._maximum = minimum, maximum
        self._tolerance = latency_tolerance
        self._limit = float(initial)
        self.limit = initial
        """The number of calls that may be in flight."""
        self._doubles = True  # until the first decrease
        self._decreased_at: float | None = None
        self._baseline: float | None = None
        self._slow_rounds = 0  # in a row
        self._round = max(initial, _SHORTEST_ROUND)  # calls in this round
        self._sum, self._count = 0.0, 0  # of the latencies in this round
        self._earlier = 0  # calls in flight that started before the limit was lowered

    @property
    def baseline(self) -> float | None:
        """Seconds that calls take if the endpoint is lightly loaded; None at first."""
        return self._baseline

    def succeeded(self, latency: float, *, in_flight: int) -> None:
        """Count a call that succeeded, or failed for a reason other than load.

        Args:
            latency: Seconds that the call took.
            in_flight: The number of calls in flight, including this one. A limit that
                is not used is not raised.
        """
        if self._earlier:
            self._earlier = max(min(self._earlier, in_flight) - 1, 0)
            return
        self._sum += latency
        self._count += 1
        if in_flight >= self.limit * _USED:
            step = 1.0 if self._doubles else 1.0 / self._limit
            self._limit = min(self._limit + step, self._maximum)
            self.limit = int(self._limit)
        if self._count >= self._round:
            if self._is_slow_round():
                self._earlier = max(in_flight - 1, 0)
            self._round = max(self.limit, _SHORTEST_ROUND)

    def throttled(self, started: float, now: float) -> None:
        """Lower the limit after a call that was throttled or rejected for load.

        Calls that started before the last decrease do not lower it again: they say
        nothing about the limit that is in force.

        Args:
            started: When the call started, on any clock.
            now: The time now, on the same clock.
        """
        if self._decreased_at is not None and started < self._decreased_at:
            return
        self._decreased_at = now
        self._decrease(_AFTER_THROTTLE)

    def _is_slow_round(self) -> bool:
        """End a round, and return whether it was slow, which lowers the limit."""
        mean = self._sum / self._count
        self._sum, self._count = 0.0, 0
        if self._baseline is None or mean < self._baseline:
            self._baseline = mean
        accepted = self._baseline * self._tolerance
        if mean <= accepted:
            self._slow_rounds = 0
            return False
        self._slow_rounds += 1
        if self._doubles:
            self._decrease(_AFTER_SLOWEST_ROUND)
        elif self._slow_rounds <= _SLOW_ROUNDS:
            share = min(accepted / mean, _AFTER_SLOW_ROUND)
            self._decrease(max(share, _AFTER_SLOWEST_ROUND))
        else:
            self._decrease(_AFTER_SLOW_ROUND)
            self._baseline += (mean - self._baseline) * _BASELINE_RISE
        return True

    def _decrease(self, factor: float) -> None:
        self._doubles = False
        self._limit = max(self._limit * factor, self._minimum)
        self.limit = int(self._limit)

    def __repr__(self) -> str:
        return f"<AdaptiveConcurrency, limit {self.limit}>"
