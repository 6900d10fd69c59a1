"""Copies of shapes with other members."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from attrs import fields

__all__ = ["with_members"]

T = TypeVar("T")


def with_members(shape: T, **changes: object) -> T:
    """Return a copy of *shape* with other members; `attrs.evolve` takes longer."""
    kind: Any = type(shape)
    copy: T = object.__new__(kind)
    get_values, setters = _accessors(kind)
    for set_value, value in zip(setters, get_values(shape), strict=True):
        set_value(copy, value)
    for member, value in changes.items():
        object.__setattr__(copy, member, value)
    return copy


@cache
def _accessors(kind: type) -> tuple[attrgetter[Any], tuple[Callable[..., None], ...]]:
    """Return what reads all members of a shape, and what sets each."""
    names = [member.name for member in fields(kind)]
    return attrgetter(*names), tuple(getattr(kind, name).__set__ for name in names)
