"""Copies of shapes with another value of one member."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MemberDescriptorType
from typing import Any, TypeVar

from attrs import fields

__all__ = ["with_member"]

T = TypeVar("T")


def with_member(shape: T, member: str, value: object) -> T:
    """Return a copy of *shape* with another *value* of *member*.

    `attrs.evolve` takes several times as long.
    """
    kind: Any = type(shape)
    copy: T = _copier(kind, member)(shape, value)
    return copy


@cache
def _copier(kind: type, changed: str) -> Callable[[Any, object], Any]:
    """Return a function of a shape and a value that makes the copy.

    Its source is made and compiled once, as attrs does for constructors: a loop over
    the members takes three times as long.
    """
    names = [member.name for member in fields(kind)]
    lines = (
        f"    set_{name}(copy, {'value' if name == changed else f'shape.{name}'})\n"
        for name in names
    )
    source = (
        "def copied(shape, value):\n"
        "    copy = new(kind)\n"
        f"{''.join(lines)}"
        "    return copy\n"
    )
    scope: dict[str, Any] = {"new": object.__new__, "kind": kind}
    scope |= {f"set_{name}": _setter(kind, name) for name in names}
    exec(source, scope)  # noqa: S102 - the names are those of an attrs class
    copied: Callable[[Any, object], Any] = scope["copied"]
    return copied


def _setter(kind: type, name: str) -> Callable[[Any, object], None]:
    """Return what sets a member of a frozen shape."""
    slot: Any = getattr(kind, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__
    # a derived class without slots
    return lambda shape, value: object.__setattr__(shape, name, value)
