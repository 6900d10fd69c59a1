"""Where the members of a shape travel, and what the service's model demands of them.

Shapes carry these in ``Annotated``; `request_serialization` and
`response_deserialization` compile them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import (
    Annotated,
    Final,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs
from attrs import frozen

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


@frozen
class Pattern:
    """A pattern of the model, which a whole value must match."""

    text: str
    """As Python's `re` spells it."""

    def compile(self) -> re.Pattern[str]:
        """Return it compiled, for `fullmatch`; this is not done for all at import."""
        return re.compile(self.text, re.DOTALL)


@frozen(kw_only=True)
class Constraints:
    """What the model says of a member: lengths for text and bytes, else values."""

    min: int | None = None
    max: int | None = None
    pattern: Pattern | None = None


FREE: Final = Constraints()


@frozen
class Label:
    """In the path, percent-encoded."""

    name: str
    constraints: Constraints = FREE


@frozen
class Header:
    """In the header *name*; None and the empty string are not sent."""

    name: str
    constraints: Constraints = FREE


@frozen
class Payload:
    """The whole body."""

    constraints: Constraints = FREE
    is_limited: bool = False
    """Whether the largest size of the model is also the service's, and so enforced."""


@frozen
class JSONMember:
    """Under *name* in the JSON document that is the body."""

    name: str


Binding: TypeAlias = Label | Header | Payload | JSONMember
B = TypeVar("B", bound="Label | Header | Payload | JSONMember")


@frozen
class Member:
    """A member of a shape: its attribute, where it travels, and what it may be."""

    attribute: str
    binding: Binding
    is_integer: bool
    is_required: bool


@cache  # evaluating the annotations takes most of the time of a compilation
def members(shape: type) -> tuple[Member, ...]:
    """Return the members of *shape*: those of its attributes that have a binding."""
    hints = get_type_hints(shape, include_extras=True)
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
    """Return the bindings of *shape* that are of one *kind*, by attribute."""
    return {
        member.attribute: member.binding
        for member in members(shape)
        if isinstance(member.binding, kind)
    }
