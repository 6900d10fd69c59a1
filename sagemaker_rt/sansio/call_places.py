"""Places for calls in flight, and the queue of calls that wait for one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Generic, TypeVar

from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency

__all__ = ["CallPlaces"]

W = TypeVar("W")


class CallPlaces(Generic[W]):
    """As many places as an adaptive limit permits; those that wait get them in turn.

    Args:
        limit: The number of places, which changes.
        max_waiting: The number of calls that may wait.
    """

    def __init__(self, limit: AdaptiveConcurrency, max_waiting: int) -> None:
        self.limit: Final = limit
        self._max_waiting: Final = max_waiting
        # not a dict: finding its first item is slow after many deletions
        self._queue: Final[OrderedDict[W, None]] = OrderedDict()
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        """The number of calls that wait."""
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether no further call may wait."""
        return len(self._queue) >= self._max_waiting

    def enter(self) -> bool:
        """Take a place; return False if none is free, or if others wait for it."""
        if self._queue or self.in_flight >= self.limit.limit:
            return False
        self.in_flight += 1
        return True

    def wait(self, waiter: W) -> None:
        """Add *waiter* to the end of the queue."""
        self._queue[waiter] = None

    def give_up(self, waiter: W) -> bool:
        """Remove *waiter* from the queue; return False if it has a place already."""
        if waiter not in self._queue:
            return False
        del self._queue[waiter]
        return True

    def leave(self) -> bool:
        """Free a place; return whether `next_waiter` may get it."""
        self.in_flight -= 1
        return bool(self._queue)

    def next_waiter(self) -> W | None:
        """Return the first of the queue, which has a place from now on, or None."""
        if not self._queue or self.in_flight >= self.limit.limit:
            return None
        self.in_flight += 1
        return self._queue.popitem(last=False)[0]
