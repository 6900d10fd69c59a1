"""Choices by weight that stay the same for the same key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from hashlib import sha256

from sagemaker_rt.errors import OptionsError

__all__ = ["chance_of_key", "choose_for_key", "choose_in_order", "require_weights"]


def require_weights(weights: Mapping[str, float]) -> None:
    """Check the weights of names.

    Raises:
        OptionsError: A weight is negative or not finite, or none is above 0.
    """
    if not all(0 <= weight < math.inf for weight in weights.values()):
        message = f"weights must be finite, and 0 or more: {dict(weights)!r}"
        raise OptionsError(message)
    if not any(weights.values()):
        message = f"one weight must be above 0: {dict(weights)!r}"
        raise OptionsError(message)


def chance_of_key(*key: str) -> float:
    """Return a number between 0 and 1, both excluded, that depends on *key* only."""
    digest = sha256("\0".join(key).encode(errors="surrogatepass")).digest()
    return (int.from_bytes(digest[:6]) + 0.5) / 2**48


def choose_for_key(weights: Mapping[str, float], key: str) -> str:
    """Return one of the names by its weight; the same one for the same key.

    If weights change, few keys get another name: only as many as have to (rendezvous
    hashing).
    """

    def score(name: str) -> float:
        return -math.log(chance_of_key(key, name)) / weights[name]

    return min((name for name, weight in weights.items() if weight), key=score)


def choose_in_order(weights: Mapping[str, float], chance: float) -> str:
    """Return one of the names by its weight.

    Args:
        chance: A number in [0, 1), which the caller draws.
    """
    names = [name for name, weight in weights.items() if weight]
    left = chance * sum(weights.values())
    for name in names:
        left -= weights[name]
        if left < 0:
            return name
    return names[-1]  # after rounding
