"""The values of the latest calls, which the next call most often has too."""

from __future__ import annotations

from operator import is_
from typing import Generic, TypeVar

__all__ = ["LatestValues"]

R = TypeVar("R")


class LatestValues(Generic[R]):
    """Remembers the results for the last two tuples of values.

    Two, because calls may alternate, such as between two variants of a model. The
    values are compared by identity: an equal value of another type has another result.
    Values may be sensitive, so the repr does not show them.
    """

    __slots__ = ("_before", "_latest")

    def __init__(self) -> None:
        self._latest: tuple[tuple[object, ...], R | None] = ((), None)
        self._before: tuple[tuple[object, ...], R | None] = ((), None)

    def result_of(self, values: tuple[object, ...]) -> R | None:
        """Return the result for *values*; None if they are not remembered."""
        known, result = self._latest
        if len(known) == len(values) and all(map(is_, values, known)):
            return result
        known, result = self._before
        if len(known) == len(values) and all(map(is_, values, known)):
            self._latest, self._before = self._before, self._latest
            return result
        return None

    def remember(self, values: tuple[object, ...], result: R) -> None:
        """Remember *values*, which are immutable, and their *result*."""
        self._before, self._latest = self._latest, (values, result)
