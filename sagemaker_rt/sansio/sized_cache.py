"""A cache with a time to live, a size in bytes, and a number of items."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

__all__ = ["SizedCache"]

V = TypeVar("V")


class _Item(NamedTuple, Generic[V]):
    value: V
    size: int
    expires_at: float


class SizedCache(Generic[V]):
    """Keeps the values that were used last, until they expire; for several threads.

    Args:
        ttl: Seconds that a value is kept.
        max_bytes: The size of all values together. A larger value is not kept.
        max_items: The number of values.
    """

    def __init__(self, *, ttl: float, max_bytes: int, max_items: int) -> None:
        self._ttl: Final = ttl
        self._max_bytes: Final = max_bytes
        self._max_items: Final = max_items
        self._items: Final[OrderedDict[Hashable, _Item[V]]] = OrderedDict()
        self.size = 0
        """The size of all values, in bytes."""
        self._lock: Final = Lock()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: Hashable, now: float) -> V | None:
        """Return the value of *key*; None without one, or if it has expired."""
        with self._lock:
            item = self._items.get(key)
            if item is None:
                return None
            if now >= item.expires_at:
                self._remove(key)
                return None
            self._items.move_to_end(key)
            return item.value

    def put(self, key: Hashable, value: V, size: int, now: float) -> None:
        """Keep *value*, and drop those that were not used for the longest time."""
        with self._lock:
            if key in self._items:
                self._remove(key)
            if size > self._max_bytes or not self._max_items:
                return
            self._make_room(size)
            self._items[key] = _Item(value, size, now + self._ttl)
            self.size += size

    def clear(self) -> None:
        """Drop all values."""
        with self._lock:
            self._items.clear()
            self.size = 0

    def _make_room(self, size: int) -> None:
        while self.size + size > self._max_bytes or len(self._items) >= self._max_items:
            self._remove(next(iter(self._items)))

    def _remove(self, key: Hashable) -> None:
        self.size -= self._items.pop(key).size
