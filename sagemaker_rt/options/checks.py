"""Validators for the values of options, in the form that attrs expects.

Each raises an `OptionsError` that names the option, the valid values and the value that
was passed. Wrap a check in `attrs.validators.optional` to accept None as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import Attribute

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.callables import is_generator, runs_later

__all__ = [
    "has_method",
    "instance_of",
    "is_bool",
    "is_callable",
    "is_callback",
    "is_plain",
    "not_negative",
    "number",
    "one_of",
    "positive",
    "seconds",
    "seconds_from_zero_or_none",
    "seconds_or_none",
]

Check: TypeAlias = "Callable[[object, Attribute[Any], Any], None]"


def _error(attribute: Attribute[Any], value: object, expected: str) -> OptionsError:
    return OptionsError(f"{attribute.name} must be {expected}: {value!r}")


def seconds(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a positive, finite number of seconds."""
    if not _is_positive(value):
        raise _error(attribute, value, "a positive number of seconds")


def seconds_or_none(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a positive, finite number of seconds, or None for no limit."""
    if value is not None and not _is_positive(value):
        expected = "a positive number of seconds, or None for no limit"
        raise _error(attribute, value, expected)


def seconds_from_zero_or_none(
    _: object, attribute: Attribute[Any], value: object
) -> None:
    """Require a finite number of seconds of at least 0, or None for no limit."""
    is_zero = _is_number(value) and value == 0
    if value is not None and not is_zero and not _is_positive(value):
        expected = "a number of seconds of at least 0, or None for no limit"
        raise _error(attribute, value, expected)


def number(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a finite number."""
    if not _is_number(value) or not math.isfinite(_as_float(value)):
        raise _error(attribute, value, "a number")


def _is_number(value: object) -> bool:
    # bool is a subclass of int, and True seconds are a mistake
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_positive(value: object) -> bool:
    return _is_number(value) and 0 < _as_float(value) < math.inf


def _as_float(value: object) -> float:
    # float(10**400) raises OverflowError, float("1000…") is infinite
    return float(str(value))


def positive(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require an int of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _error(attribute, value, "an int of at least 1")


def not_negative(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require an int of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _error(attribute, value, "an int of at least 0")


def is_bool(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require True or False; other values that are true or false are refused."""
    if not isinstance(value, bool):
        raise _error(attribute, value, "True or False")


def is_callable(_: object, attribute: Attribute[Any], value: object) -> None:
    """Require a callable."""
    if not callable(value):
        raise _error(attribute, value, "callable")


def is_plain(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Require a plain function: an async one, or a generator, would never run."""
    is_callable(instance, attribute, value)
    if runs_later(value):
        raise _error(attribute, value, "a plain function, not async and no generator")


def is_callback(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Require a plain or async function; the body of a generator would never run."""
    is_callable(instance, attribute, value)
    if is_generator(value):
        raise _error(attribute, value, "a plain or async function, and no generator")


def instance_of(*types: type) -> Check:
    """Return a check that requires an instance of one of *types*."""
    names = " or ".join(one.__name__ for one in types)

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if not isinstance(value, types):
            raise _error(attribute, value, f"of type {names}")

    return check


def one_of(*values: object) -> Check:
    """Return a check that requires one of *values*."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if value not in values:
            raise _error(attribute, value, f"one of {', '.join(map(repr, values))}")

    return check


def has_method(name: str) -> Check:
    """Return a check that requires an object with a method *name*."""

    def check(_: object, attribute: Attribute[Any], value: object) -> None:
        if not callable(getattr(value, name, None)):
            raise _error(attribute, value, f"an object with a method {name}()")

    return check
