"""The values of the latest call, which the next call most often has too."""

from __future__ import annotations

from operator import is_
from typing import Generic, TypeVar

__all__ = ["LatestValues"]

R = TypeVar("R")


class LatestValues(Generic[R]):
    """Remembers the *result* for one tuple of values.

    An equal value of another type has another result: 1 and True are not the same.
    Values may be sensitive, so the repr does not show them.
    """

    __slots__ = ("_is_text", "_values", "result")

    def __init__(self, result: R) -> None:
        self._values: tuple[object, ...] = ()
        self._is_text = True
        self.result = result

    def are(self, values: tuple[object, ...]) -> bool:
        """Return whether *values* are those that were remembered."""
        known = self._values
        try:
            is_equal = values == known
        except Exception:  # noqa: BLE001 - of the value: an array compares its items
            return False
        # text equals text alone, so the types need no comparison, which takes longer
        return is_equal and (self._is_text or all(map(is_, values, known)))

    def remember(self, values: tuple[object, ...], result: R) -> None:
        """Remember *values*, which are immutable, and their *result*."""
        self._values, self.result = values, result
        self._is_text = all(value is None or isinstance(value, str) for value in values)
