"""Validation of an input before it is sent.

`compile_validator` reads the bindings and constraints of a shape once and returns a
function. Each check of a member is a function from a value to a problem, or to None.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

from sagemaker_rt.errors import ParamValidationError, SerializationError
from sagemaker_rt.sansio.http_bindings import (
    Constraints,
    Header,
    Label,
    Member,
    Payload,
    members,
)
from sagemaker_rt.sansio.latest_values import LatestValues
from sagemaker_rt.sansio.request_body import body_size
from sagemaker_rt.sansio.validation_modes import (
    Validation,
    ValidationMode,
    checks_of,
)

__all__ = ["Validator", "compile_validator"]

Validator: TypeAlias = Callable[[Any], None]
"""Checks an input, and raises `ParamValidationError` with all problems it finds."""
_Check: TypeAlias = Callable[[Any], "str | None"]


def compile_validator(
    shape: type, mode: ValidationMode | Validation, *, one_of: tuple[str, ...] = ()
) -> Validator:
    """Return a function that validates an input of *shape*.

    Args:
        one_of: Members of which exactly one must be set.
    """
    checks = checks_of(mode)
    found = members(shape)
    texts = [m for m in found if not isinstance(m.binding, Payload)]
    text_checks = [(_check_of(m, checks), isinstance(m.binding, Label)) for m in texts]
    text_values = attrgetter(*(member.attribute for member in texts))
    payload_of, check_payload = _payload_check_of(found, checks)
    choices = [m for m in found if m.attribute in one_of and checks.required]
    valid: LatestValues[bool] = LatestValues()

    def validate(params: Any) -> None:
        if not isinstance(params, shape):
            message = f"params is a {type(params).__name__}, not a {shape.__name__}"
            raise ParamValidationError(message, [message])
        problems: list[str] = []
        values = text_values(params)
        is_known = valid.result_of(values)
        if not is_known:
            for (check, is_required), value in zip(text_checks, values, strict=False):
                if (value is not None or is_required) and (problem := check(value)):
                    problems.append(problem)
        if (problem := check_payload(payload_of(params))) is not None:
            problems.append(problem)
        if choices and (problem := _wrong_choice(choices, params)) is not None:
            problems.append(problem)
        if problems:
            del values  # a traceback may show local variables, and these are sensitive
            text = f"{shape.__name__} is invalid: {'; '.join(problems)}"
            raise ParamValidationError(text, problems)
        if not is_known:
            valid.remember(values, True)

    return validate


def _payload_check_of(
    found: tuple[Member, ...], checks: Validation
) -> tuple[Callable[[Any], object], _Check]:
    """Return a function that gets the payload, and its check."""
    for member in found:
        if isinstance(member.binding, Payload):
            return attrgetter(member.attribute), _check_of(member, checks)
    # the input of a stream of events has no payload
    return lambda _: None, lambda _: None


def _wrong_choice(choices: list[Member], params: object) -> str | None:
    """Return a problem if *params* do not have exactly one of *choices*."""
    chosen = [member.attribute for member in choices if _is_set(member, params)]
    if len(chosen) == 1:
        return None
    names = ", ".join(member.attribute for member in choices)
    return f"set exactly one of {names}, not {' and '.join(chosen) or 'none'}"


def _is_set(member: Member, params: object) -> bool:
    """Return whether *member* is sent: an empty body is, an empty header is not."""
    value = getattr(params, member.attribute)
    if isinstance(value, str) and isinstance(member.binding, Header):
        return value != ""
    return value is not None


def _check_of(member: Member, checks: Validation) -> _Check:
    binding, name = member.binding, member.attribute
    if isinstance(binding, Label):
        return _label_check(name, binding.constraints)
    if isinstance(binding, Payload):
        return _payload_check(name, binding, member, checks)
    if isinstance(binding, Header) and member.is_integer:
        return _integer_check(name, binding.constraints, checks)
    assert isinstance(binding, Header)  # noqa: S101 - inputs have no other members
    return _header_check(name, binding.constraints, checks)


def _label_check(name: str, limits: Constraints) -> _Check:
    """Return a check of length and pattern in every mode.

    A label is in the path, where an unchecked value could address another resource.
    """
    max_length, pattern = limits.max, limits.pattern
    assert max_length is not None  # noqa: S101 - a label must have both constraints
    assert pattern is not None  # noqa: S101 - a label must have both constraints
    # Most calls of a client have one of a few endpoint names.
    is_match = lru_cache(256)(pattern.compile().fullmatch)

    def check(value: Any) -> str | None:
        if not isinstance(value, str) or not value:
            return f"{name} must be a non-empty str: {value!r}"
        if len(value) > max_length:
            return (
                f"{name} has {len(value)} characters; "
                f"at most {max_length} are allowed: {value!r}"
            )
        if not is_match(value):
            return f"{name} {value!r} must match {pattern.text}"
        return None

    return check


def _payload_check(
    name: str, binding: Payload, member: Member, checks: Validation
) -> _Check:
    is_limited = checks.max or (checks.required and binding.is_limited)
    limit = binding.constraints.max if is_limited else None
    is_required = member.is_required and checks.required

    def check(value: Any) -> str | None:
        if value is None:
            return f"{name} is required; use b'' for no body" if is_required else None
        # The fast path; serialization rejects text that cannot be encoded.
        if limit is None and isinstance(value, (bytes, str, bytearray, memoryview)):
            return None
        try:
            size = body_size(value)
        except SerializationError as error:
            return str(error)
        if limit is not None and size > limit:
            return f"{name} has {size} bytes; at most {limit} are allowed"
        return None

    return check


def _integer_check(name: str, limits: Constraints, checks: Validation) -> _Check:
    low = limits.min if checks.min else None
    high = limits.max if checks.max else None
    allowed = f"from {limits.min} to {limits.max}"

    def check(value: Any) -> str | None:
        # bool is a subclass of int.
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{name} must be an int, not {type(value).__name__}: {value!r}"
        # Not quoted: Python refuses to print an int of thousands of digits.
        if not -(2**31) <= value < 2**31:
            return f"{name} must be an integer of 32 bits"
        is_in_range = (low is None or low <= value) and (high is None or value <= high)
        if not is_in_range:
            return f"{name} must be {allowed}: {value!r}"
        return None

    return check


def _header_check(name: str, limits: Constraints, checks: Validation) -> _Check:
    max_length = limits.max if checks.required or checks.max else None
    is_enforced = limits.is_enforced and checks.required
    pattern = limits.pattern if checks.pattern or is_enforced else None
    is_match = pattern.compile().fullmatch if pattern is not None else None

    # Only a value that violates a pattern is quoted. Custom attributes are sensitive,
    # but all printable ASCII matches their pattern.
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"{name} must be a str, not {type(value).__name__}"
        if not (value.isascii() and value.isprintable()):
            problem = _invalid_character(value)
            if problem is not None:
                return f"{name} {problem}"
        if max_length is not None and len(value) > max_length:
            return (
                f"{name} has {len(value)} characters; at most {max_length} are allowed"
            )
        if (
            pattern is not None
            and is_match is not None
            and value
            and not is_match(value)
        ):
            return f"{name} {value!r} must match {pattern.text}"
        return None

    return check


def _invalid_character(value: str) -> str | None:
    """Return a problem with the first character that a header cannot contain."""
    for index, character in enumerate(value):
        if character != "\t" and not " " <= character <= "~":
            return (
                f"has {character!r} at index {index}; "
                "a header may contain only printable ASCII and tabs"
            )
    return None
