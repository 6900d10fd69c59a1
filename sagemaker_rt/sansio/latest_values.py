"""The values of the latest calls, which the next call most often has too."""

from __future__ import annotations

from operator import is_
from typing import Final, Generic, TypeVar

__all__ = ["LatestValues"]

R = TypeVar("R")

# such as calls that go to several endpoints or variants in turn
_MOST: Final = 32


class LatestValues(Generic[R]):
    """Remembers the results for a few tuples of values.

    The values are compared by identity: an equal value of another type has another
    result. Values may be sensitive, so the repr does not show them.
    """

    __slots__ = ("_known", "_latest", "_result")

    def __init__(self) -> None:
        self._latest: tuple[object, ...] = ()
        self._result: R | None = None
        # the values stay alive with their result, so that their ids stay theirs
        self._known: Final[dict[tuple[int, ...], tuple[tuple[object, ...], R]]] = {}

    def result_of(self, values: tuple[object, ...]) -> R | None:
        """Return the result for *values*; None if they are not remembered."""
        latest = self._latest
        # faster than to look them up
        if len(latest) == len(values) and all(map(is_, values, latest)):
            return self._result
        known = self._known.get(tuple(map(id, values)))
        if known is None:
            return None
        self._latest, self._result = known
        return self._result

    def remember(self, values: tuple[object, ...], result: R) -> None:
        """Remember *values*, which are immutable, and their *result*; the oldest go."""
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        self._known[tuple(map(id, values))] = values, result
        self._latest, self._result = values, result
