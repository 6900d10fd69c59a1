"""Choices by weight that stay the same for the same key."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping
from hashlib import sha256
from itertools import accumulate
from typing import Final

from sagemaker_rt.errors import OptionsError

__all__ = ["WeightedChoice", "chance_of_key"]


class WeightedChoice:
    """Chooses names by their weights.

    Raises:
        OptionsError: A weight is negative or not finite, or none is above 0.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        if not all(0 <= weight < math.inf for weight in weights.values()):
            message = f"weights must be finite, and 0 or more: {dict(weights)!r}"
            raise OptionsError(message)
        self._weights: Final = {name: w for name, w in weights.items() if w}
        if not self._weights:
            message = f"one weight must be above 0: {dict(weights)!r}"
            raise OptionsError(message)
        self._names: Final = tuple(self._weights)
        *self._bounds, self._sum = accumulate(self._weights.values())

    def by_chance(self, chance: float) -> str:
        """Return one of the names.

        Args:
            chance: A number in [0, 1), which the caller draws.
        """
        return self._names[bisect(self._bounds, chance * self._sum)]

    def by_key(self, key: str) -> str:
        """Return one of the names; the same one for the same key.

        If weights change, few keys get another name: only as many as have to
        (rendezvous hashing).
        """
        return min(
            self._weights,
            key=lambda name: -math.log(chance_of_key(key, name)) / self._weights[name],
        )


def chance_of_key(*key: str) -> float:
    """Return a number between 0 and 1, both excluded, that depends on *key* only."""
    digest = sha256("\0".join(key).encode(errors="surrogatepass")).digest()
    return (int.from_bytes(digest[:6]) + 0.5) / 2**48
