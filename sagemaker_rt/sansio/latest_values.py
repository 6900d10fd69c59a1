"""The values of the latest call, which the next call most often has too."""

from __future__ import annotations

from operator import is_
from typing import Generic, TypeVar

__all__ = ["LatestValues"]

R = TypeVar("R")


class LatestValues(Generic[R]):
    """Remembers the *result* for one tuple of values.

    The values are compared by identity: an equal value of another type has another
    result. Values may be sensitive, so the repr does not show them.
    """

    __slots__ = ("_values", "result")

    def __init__(self, result: R) -> None:
        self._values: tuple[object, ...] = ()
        self.result = result

    def are(self, values: tuple[object, ...]) -> bool:
        """Return whether *values* are those that were remembered."""
        known = self._values
        return len(known) == len(values) and all(map(is_, values, known))

    def remember(self, values: tuple[object, ...], result: R) -> None:
        """Remember *values*, which are immutable, and their *result*."""
        self._values, self.result = values, result
