"""Validation modes: which checks of an input are made before it is sent."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

from sagemaker_rt.frozen_value import FrozenValue

__all__ = ["VALIDATION_MODES", "Validation", "ValidationMode", "checks_of"]

ValidationMode: TypeAlias = Literal["required", "strict", "off"]
"""The checks before a request is sent.

* ``required``: required members, members of which exactly one must be set, the lengths
  of header members and of an asynchronous body, the patterns of path and query of a
  stream in both directions, and all checks of ``off``.
* ``strict``: also the patterns and ranges of the service model.
* ``off``: only what would make the request invalid or a different one: the endpoint
  name, types, and the characters of header members.
"""
VALIDATION_MODES: Final = ("required", "strict", "off")


@frozen(kw_only=True, eq=False, repr=False)
class Validation(FrozenValue):
    """A custom set of checks, in place of a `ValidationMode`."""

    required: bool = True
    """The checks of the mode ``required``."""
    min: bool = False
    """The minimum values of the service model."""
    max: bool = False
    """The maximum values of the service model, and its maximum size of a body. The
    service accepts larger bodies than its model says."""
    pattern: bool = False
    """The patterns of the service model."""
    enum: bool = False
    """The values of enumerations; no input has such a member yet."""


_CHECKS: Final = {
    "required": Validation(),
    "strict": Validation(min=True, max=True, pattern=True, enum=True),
    "off": Validation(required=False),
}


def checks_of(mode: ValidationMode | Validation) -> Validation:
    """Return the checks of *mode*."""
    return mode if isinstance(mode, Validation) else _CHECKS[mode]
