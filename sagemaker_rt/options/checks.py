"""What an option's value must be; an error names it, and what would be right."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import Attribute

from sagemaker_rt.errors import OptionsError

__all__ = ["callable_or_none", "has_method", "is_bool", "one_of", "positive", "seconds"]

Check: TypeAlias = "Callable[[object, Attribute[Any], Any], None]"


def _refuse(attribute: Attribute[Any], value: object, wanted: str) -> OptionsError:
    return OptionsError(f"{attribute.name} must be {wanted}: {value!r}")


def seconds(_: object, attribute: Attribute[Any], value: object) -> None:
    """Refuse all but a positive number of seconds, or None for no limit."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None or (is_number and 0 < float(str(value)) < math.inf):
        return
    raise _refuse(
        attribute, value, "a positive number of seconds, or None for no limit"
    )


def positive(_: object, attribute: Attribute[Any], value: object) -> None:
    """Refuse all but an int from 1, or None for unset."""
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if value is None or (is_int and int(str(value)) >= 1):
        return
    raise _refuse(attribute, value, "an int of at least 1")


def is_bool(_: object, attribute: Attribute[Any], value: object) -> None:
    """Refuse all but True, False, or None for unset."""
    if not isinstance(value, bool) and value is not None:
        raise _refuse(attribute, value, "True or False")


def one_of(*allowed: object) -> Check:
    """Refuse all but the *allowed* values."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value not in allowed:
            raise _refuse(attribute, value, f"one of {', '.join(map(repr, allowed))}")

    return check


def has_method(name: str) -> Check:
    """Refuse what has no method *name*; None is unset."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value is not None and not callable(getattr(value, name, None)):
            raise _refuse(attribute, value, f"an object with a method {name}()")

    return check


def callable_or_none(_: object, attribute: Attribute[Any], value: object) -> None:
    """Refuse what cannot be called; None is unset."""
    if value is not None and not callable(value):
        raise _refuse(attribute, value, "callable")
