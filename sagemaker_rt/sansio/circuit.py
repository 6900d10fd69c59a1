"""The state machine of a circuit breaker.

::

    closed ──too many failures──▶ open ──time is over──▶ half-open
      ▲                            ▲                        │
      │                            └────the probe fails─────┤
      └──────────────────the probe succeeds─────────────────┘

A closed circuit permits all requests, an open one none. A half-open circuit permits one
request at a time, the probe. A result counts only in the state that permitted the
request. A result that says nothing, such as a cancellation, changes no state; after
such a probe, the next request is the probe.

Times are in seconds on any clock.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final, Literal, TypeAlias

from attrs import define, frozen

from sagemaker_rt.errors import OptionsError

__all__ = ["Circuit", "CircuitPolicy", "CircuitState"]

CircuitState: TypeAlias = Literal["closed", "open", "half-open"]

_SLOTS: Final = 10
_GROWTH: Final = 2.0


@frozen(kw_only=True)
class CircuitPolicy:
    """When a circuit opens, and for how long."""

    failure_rate: float = 0.5
    """The share of requests that fail, from which the circuit opens."""
    min_failures: int = 5
    """The number of failures in the window below which it stays closed."""
    window: float = 10.0
    """Seconds for which results are counted."""
    open_seconds: float = 5.0
    """Seconds until the first probe; twice as many after each probe that fails."""
    max_open_seconds: float = 60.0
    """The limit of these seconds."""

    def __attrs_post_init__(self) -> None:
        if not 0 < self.failure_rate <= 1:
            _refuse("failure_rate", self.failure_rate, "above 0, and 1 at most")
        if self.min_failures < 1:
            _refuse("min_failures", self.min_failures, "1 or more")
        for name in ("window", "open_seconds"):
            if not 0 < getattr(self, name) < math.inf:
                _refuse(name, getattr(self, name), "above 0")
        if not self.max_open_seconds >= self.open_seconds:
            _refuse("max_open_seconds", self.max_open_seconds, "open_seconds or more")


class Circuit:
    """The circuit of one endpoint; it starts closed."""

    def __init__(self, policy: CircuitPolicy) -> None:
        self._policy: Final = policy
        self._counts = _Counts(policy.window)
        self._permit = 0
        """Identifies the state; results of earlier states are ignored."""
        self._is_probing = False
        self._opened_for = policy.open_seconds
        self._probe_at = 0.0
        self.state: CircuitState = "closed"

    def allow(self, now: float) -> int | None:
        """Return a permit for a request, for `record`; None if it is refused."""
        if self.state == "closed":
            return self._permit
        if self.state == "open":
            if now < self._probe_at:
                return None
            self._enter("half-open")
        if self._is_probing:
            return None
        self._is_probing = True
        return self._permit

    def seconds_until_probe(self, now: float) -> float:
        """Return the seconds until `allow` may permit a request; 0 during a probe."""
        return max(self._probe_at - now, 0.0) if self.state == "open" else 0.0

    def record(self, permit: int, *, failed: bool | None, now: float) -> bool:
        """Count the result of the request with *permit*.

        Args:
            failed: None for a result that says nothing.

        Returns:
            Whether the state has changed.
        """
        if permit != self._permit:
            return False
        if self.state == "half-open":
            return self._record_probe(failed=failed, now=now)
        if failed is None:
            return False
        counts = self._counts.at(now)
        counts.requests += 1
        if not failed:
            return False
        counts.failures += 1
        if not self._is_too_much():
            return False
        self._open(self._policy.open_seconds, now)
        return True

    def _record_probe(self, *, failed: bool | None, now: float) -> bool:
        self._is_probing = False
        if failed is None:
            return False
        if failed:
            longer = self._opened_for * _GROWTH
            self._open(min(longer, self._policy.max_open_seconds), now)
        else:
            self._counts = _Counts(self._policy.window)
            self._enter("closed")
        return True

    def _is_too_much(self) -> bool:
        requests, failures = self._counts.sums()
        policy = self._policy
        is_many = failures >= policy.min_failures
        return is_many and failures >= policy.failure_rate * requests

    def _open(self, seconds: float, now: float) -> None:
        self._opened_for = seconds
        self._probe_at = now + seconds
        self._enter("open")

    def _enter(self, state: CircuitState) -> None:
        self.state = state
        self._permit += 1
        self._is_probing = False


@define(eq=False)
class _Slot:
    requests: int = 0
    failures: int = 0


class _Counts:
    """The requests and failures of a window, which moves on in ten steps."""

    def __init__(self, window: float) -> None:
        self._seconds: Final = window / _SLOTS
        self._ends_at = -math.inf
        """When the newest slot ends."""
        self._slots: Final = deque((_Slot() for _ in range(_SLOTS)), _SLOTS)

    def at(self, now: float) -> _Slot:
        """Return the slot of *now*; if the clock goes back, it is the newest one."""
        if now >= self._ends_at:
            self._move_to(now)
        return self._slots[-1]

    def sums(self) -> tuple[int, int]:
        """Return the numbers of requests and of failures in the window."""
        slots = self._slots
        return sum(s.requests for s in slots), sum(s.failures for s in slots)

    def _move_to(self, now: float) -> None:
        late = (now - self._ends_at) / self._seconds
        passed = _SLOTS if late >= _SLOTS else int(late) + 1
        self._slots.extend(_Slot() for _ in range(passed))
        ends_at = self._ends_at + passed * self._seconds
        self._ends_at = ends_at if ends_at > now else now + self._seconds


def _refuse(name: str, value: float, expected: str) -> None:
    message = f"{name} must be {expected}: {value!r}"
    raise OptionsError(message)
