"""Results of concurrent calls: their order of delivery, and room for more calls."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

__all__ = ["ResultBuffer"]

T = TypeVar("T")


class ResultBuffer(Generic[T]):
    """Counts calls in flight, and holds results until they are delivered.

    At most *concurrency* calls are in flight. Without order, calls in flight and held
    results together are at most *concurrency*. In order, they are at most twice that,
    so that one slow call does not stop the others at once.

    Args:
        is_ordered: Deliver results in the order in which their calls started, not in
            the order in which they finished.
    """

    def __init__(self, concurrency: int, *, is_ordered: bool) -> None:
        self._concurrency = concurrency
        self._limit = 2 * concurrency if is_ordered else concurrency
        self._is_ordered = is_ordered
        self._ready: deque[T] = deque()
        # in order only: results behind a call that has not finished
        self._waiting: dict[int, T | None] = {}
        self._next = 0
        self.started = 0
        """The number of calls that were started."""
        self.in_flight = 0
        """The number of calls that have not finished."""

    @property
    def has_room(self) -> bool:
        """Whether another call may start."""
        if self.in_flight >= self._concurrency:
            return False
        held = len(self._ready) + len(self._waiting)
        return self.in_flight + held < self._limit

    @property
    def is_ready(self) -> bool:
        """Whether `pop` has a result to return."""
        return bool(self._ready)

    def start(self) -> int:
        """Count a call that starts, and return its index, from 0."""
        index = self.started
        self.started += 1
        self.in_flight += 1
        return index

    def finish(self, index: int, result: T | None) -> None:
        """Store the *result* of the call *index*; None delivers nothing for it."""
        self.in_flight -= 1
        if not self._is_ordered:
            if result is not None:
                self._ready.append(result)
            return
        self._waiting[index] = result
        while self._next in self._waiting:
            following = self._waiting.pop(self._next)
            self._next += 1
            if following is not None:
                self._ready.append(following)

    def pop(self) -> T | None:
        """Remove and return the next result; None if it is not there yet."""
        return self._ready.popleft() if self._ready else None
