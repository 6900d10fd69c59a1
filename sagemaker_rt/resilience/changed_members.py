"""Copies of shapes with other members."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache
from itertools import repeat
from operator import attrgetter, call
from typing import Any, Final, TypeVar

from attrs import fields

__all__ = ["with_members"]

T = TypeVar("T")

_CALL: Final[Any] = call  # with its type, pyright does not accept it in map


def with_members(shape: T, **changes: object) -> T:
    """Return a copy of *shape* with other members; `attrs.evolve` takes longer."""
    kind: Any = type(shape)
    copy: T = object.__new__(kind)
    get_values, setters = _accessors(kind)
    deque(map(_CALL, setters, repeat(copy), get_values(shape)), 0)  # a loop in C
    for member, value in changes.items():
        object.__setattr__(copy, member, value)
    return copy


@cache
def _accessors(kind: type) -> tuple[attrgetter[Any], tuple[Callable[..., None], ...]]:
    """Return what reads all members of a shape, and what sets each."""
    names = [member.name for member in fields(kind)]
    return attrgetter(*names), tuple(getattr(kind, name).__set__ for name in names)
