"""How much of an input is checked before it is sent."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

__all__ = ["VALIDATION_MODES", "Validation", "ValidationMode", "kinds_of"]

ValidationMode: TypeAlias = Literal["required", "strict", "off"]
"""How much is checked before a request is sent.

* ``required``: required members, members of which just one may be given, the lengths
  of header members and of an asynchronous body, and all that ``off`` checks.
* ``strict``: also the patterns and ranges of the service's model.
* ``off``: only what could make another request of it, or none: the endpoint's name,
  types, and the characters of header members.
"""
VALIDATION_MODES: Final = ("required", "strict", "off")


@frozen(kw_only=True)
class Validation:
    """The kinds of checks one by one, in the place of a `ValidationMode`."""

    required: bool = True
    """What the mode ``required`` checks."""
    min: bool = False
    """The least values of the service's model."""
    max: bool = False
    """Its greatest values, and the largest body that it names, which is less than what
    the service takes by now."""
    pattern: bool = False
    enum: bool = False
    """No input has a member of an enumeration so far."""


_KINDS: Final = {
    "required": Validation(),
    "strict": Validation(min=True, max=True, pattern=True, enum=True),
    "off": Validation(required=False),
}


def kinds_of(mode: ValidationMode | Validation) -> Validation:
    """Return what *mode* checks."""
    return mode if isinstance(mode, Validation) else _KINDS[mode]
