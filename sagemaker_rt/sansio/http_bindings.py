"""HTTP bindings: which part of a request or response holds a member of a shape.

Shapes declare the binding and the constraints of a member in ``Annotated``. The modules
`request_serialization`, `response_deserialization` and `validation` read them.
"""

from __future__ import annotations

import re
from functools import cache
from inspect import get_annotations
from typing import (
    Annotated,
    Any,
    Final,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
)

import attrs
from attrs import field, frozen

from sagemaker_rt.frozen_value import FrozenValue

__all__ = [
    "Binding",
    "Constraints",
    "Header",
    "JSONMember",
    "Label",
    "Member",
    "Pattern",
    "Payload",
    "bindings_of",
    "members",
]


@frozen(eq=False, repr=False)
class Pattern(FrozenValue):
    """A pattern of the service model; the whole value must match."""

    text: str
    """In the syntax of `re`."""

    def compile(self) -> re.Pattern[str]:
        """Return the compiled pattern, for ``fullmatch``.

        Patterns are not compiled at import, because most modes never use them.
        """
        return re.compile(self.text, re.DOTALL)


@frozen(kw_only=True, eq=False, repr=False)
class Constraints(FrozenValue):
    """Constraints of the model: on the length of text and bytes, else on the value."""

    min: int | None = None
    max: int | None = None
    pattern: Pattern | None = None
    is_enforced: bool = False
    """Whether the service refuses what does not match *pattern*."""


UNCONSTRAINED: Final = Constraints()


@frozen(eq=False, repr=False)
class Label(FrozenValue):
    """A segment of the path, percent-encoded."""

    name: str
    constraints: Constraints = field(default=UNCONSTRAINED, repr=False)


@frozen(eq=False, repr=False)
class Header(FrozenValue):
    """The header *name*; None and the empty string are not sent."""

    name: str
    constraints: Constraints = field(default=UNCONSTRAINED, repr=False)


@frozen(eq=False, repr=False)
class Payload(FrozenValue):
    """The whole body."""

    constraints: Constraints = field(default=UNCONSTRAINED, repr=False)
    is_limited: bool = False
    """Whether the service enforces the maximum size of the model. It accepts larger
    bodies for some operations."""


@frozen(eq=False, repr=False)
class JSONMember(FrozenValue):
    """The member *name* of the JSON document in the body."""

    name: str


Binding: TypeAlias = Label | Header | Payload | JSONMember
B = TypeVar("B", bound="Label | Header | Payload | JSONMember")


class Member(NamedTuple):
    """A member of a shape: its attribute, its binding and facts about its type."""

    attribute: str
    binding: Binding
    is_integer: bool
    is_required: bool


@cache  # evaluating annotations is most of the time that compiling a shape takes
def members(shape: type) -> tuple[Member, ...]:
    """Return the members of *shape*: the attributes that have a binding."""
    hints: dict[str, Any] = get_annotations(shape, eval_str=True)
    found: list[Member] = []
    for attribute in attrs.fields(shape):
        hint = hints[attribute.name]
        if get_origin(hint) is not Annotated:
            continue
        kind, binding = get_args(hint)
        is_integer = int in (kind, *get_args(kind))
        is_required = type(None) not in get_args(kind)
        found.append(Member(attribute.name, binding, is_integer, is_required))
    return tuple(found)


def bindings_of(shape: type, kind: type[B]) -> dict[str, B]:
    """Return the bindings of one *kind* in *shape*, by attribute."""
    return {
        member.attribute: member.binding
        for member in members(shape)
        if isinstance(member.binding, kind)
    }
