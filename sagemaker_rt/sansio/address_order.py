"""The order in which the addresses of a host are tried (RFC 8305, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import chain
from typing import TypeVar

__all__ = ["interleaved"]

T = TypeVar("T")


def interleaved(addresses: Iterable[T], family: Callable[[T], Hashable]) -> list[T]:
    """Return *addresses* so that the families alternate, beginning with the first."""
    families: dict[Hashable, list[T]] = {}
    for address in addresses:
        families.setdefault(family(address), []).append(address)
    rounds = max(map(len, families.values()), default=0)
    return [
        address
        for number in range(rounds)
        for address in chain(*(of[number : number + 1] for of in families.values()))
    ]
