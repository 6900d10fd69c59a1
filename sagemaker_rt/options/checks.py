"""Checks of option values. An error names the option, the value and what is right.

None passes where an option wraps its check in `attrs.validators.optional`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import Attribute

from sagemaker_rt.errors import OptionsError

__all__ = [
    "has_method",
    "instance_of",
    "is_bool",
    "is_callable",
    "not_negative",
    "number",
    "one_of",
    "positive",
    "seconds",
    "seconds_from_zero_or_none",
    "seconds_or_none",
]

Check: TypeAlias = "Callable[[object, Attribute[Any], Any], None]"


def _refuse(attribute: Attribute[Any], value: object, wanted: str) -> OptionsError:
    return OptionsError(f"{attribute.name} must be {wanted}: {value!r}")


def seconds(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a positive number of seconds."""
    if not _is_seconds(value):
        raise _refuse(attribute, value, "a positive number of seconds")


def seconds_or_none(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a positive number of seconds, or None."""
    if value is not None and not _is_seconds(value):
        wanted = "a positive number of seconds, or None for no limit"
        raise _refuse(attribute, value, wanted)


def seconds_from_zero_or_none(
    _: object, attribute: Attribute[Any], value: object
) -> None:
    """Require a number of seconds of at least 0, or None."""
    is_zero = isinstance(value, (int, float)) and value == 0 and value is not False
    if value is not None and not is_zero and not _is_seconds(value):
        wanted = "a number of seconds of at least 0, or None for no limit"
        raise _refuse(attribute, value, wanted)


def _is_seconds(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # float(str()) makes an int that is too large for a float infinite
    return is_number and 0 < float(str(value)) < math.inf


def number(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a finite number."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    # float(str()), as below
    if not is_number or not math.isfinite(float(str(value))):
        raise _refuse(attribute, value, "a number")


def positive(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require an int of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _refuse(attribute, value, "an int of at least 1")


def not_negative(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require an int of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _refuse(attribute, value, "an int of at least 0")


def is_bool(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require True or False."""
    if not isinstance(value, bool):
        raise _refuse(attribute, value, "True or False")


def is_callable(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require something callable."""
    if not callable(value):
        raise _refuse(attribute, value, "callable")


def instance_of(*kinds: type) -> Check:
    """Require an instance of one of *kinds*."""
    names = " or ".join(kind.__name__ for kind in kinds)

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if not isinstance(value, kinds):
            raise _refuse(attribute, value, f"of type {names}")

    return check


def one_of(*allowed: object) -> Check:
    """Require one of the *allowed* values."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value not in allowed:
            raise _refuse(attribute, value, f"one of {', '.join(map(repr, allowed))}")

    return check


def has_method(name: str) -> Check:
    """Require an object with a method *name*."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if not callable(getattr(value, name, None)):
            raise _refuse(attribute, value, f"an object with a method {name}()")

    return check
