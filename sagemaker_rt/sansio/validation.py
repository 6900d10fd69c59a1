"""What the service would refuse, found before anything is sent.

Compiled from the bindings of a shape, as serializers are.
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
from sagemaker_rt.sansio.request_body import body_size
from sagemaker_rt.sansio.validation_modes import (
    Validation,
    ValidationMode,
    kinds_of,
)

__all__ = ["Validator", "compile_validator"]

Validator: TypeAlias = Callable[[Any], None]
"""Looks at an input, and raises `ParamValidationError` if anything is wrong with it."""
_Check: TypeAlias = Callable[[Any], "str | None"]


def compile_validator(
    shape: type, mode: ValidationMode | Validation, *, one_of: tuple[str, ...] = ()
) -> Validator:
    """Return what validates an input of *shape*.

    Args:
        one_of: Members of which exactly one must be given.
    """
    kinds = kinds_of(mode)
    found = members(shape)
    headers = [m for m in found if isinstance(m.binding, Header)]
    others = [m for m in found if not isinstance(m.binding, Header)]
    header_checks = [_check_of(member, kinds) for member in headers]
    other_checks = [_check_of(member, kinds) for member in others]
    header_values = attrgetter(*(member.attribute for member in headers))
    other_values = attrgetter(*(member.attribute for member in others))
    choices = [m for m in found if m.attribute in one_of and kinds.required]

    def validate(params: Any) -> None:
        if not isinstance(params, shape):
            message = f"params is a {type(params).__name__}, no {shape.__name__}"
            raise ParamValidationError(message, [message])
        problems: list[str] = []
        for check, value in zip(other_checks, other_values(params), strict=False):
            if (problem := check(value)) is not None:
                problems.append(problem)
        for check, value in zip(header_checks, header_values(params), strict=False):
            if value is not None and (problem := check(value)) is not None:
                problems.append(problem)
        given = [m.attribute for m in choices if _is_given(m, params)]
        if choices and len(given) != 1:
            stated = " and ".join(given) or "none"
            problems.append(f"give exactly one of {', '.join(one_of)}; got {stated}")
        if problems:
            text = f"{shape.__name__} is invalid: {'; '.join(problems)}"
            raise ParamValidationError(text, problems)

    return validate


def _is_given(member: Member, params: object) -> bool:
    """Tell whether *member* will be sent: an empty body is, an empty header is not."""
    value = getattr(params, member.attribute)
    if isinstance(value, str) and isinstance(member.binding, Header):
        return value != ""
    return value is not None


def _check_of(member: Member, kinds: Validation) -> _Check:
    """Return what looks at the values of *member*."""
    binding, name = member.binding, member.attribute
    if isinstance(binding, Label):
        return _label_check(name, binding.constraints)
    if isinstance(binding, Payload):
        return _payload_check(name, binding, member, kinds)
    if isinstance(binding, Header) and member.is_integer:
        return _integer_check(name, binding.constraints, kinds)
    assert isinstance(binding, Header)  # noqa: S101 - inputs have no other members
    return _header_check(name, binding.constraints, kinds)


def _label_check(name: str, limits: Constraints) -> _Check:
    """In the path, so that length and pattern hold in every mode."""
    longest, pattern = limits.max, limits.pattern
    assert longest is not None  # noqa: S101 - a label without limits would be unsafe
    assert pattern is not None  # noqa: S101 - the same
    is_match = lru_cache(256)(pattern.compile().fullmatch)

    def check(value: Any) -> str | None:
        if not isinstance(value, str) or not value:
            return f"{name} is required and must be a str that is not empty: {value!r}"
        if len(value) > longest:
            return (
                f"{name} has {len(value)} characters; {longest} are allowed: {value!r}"
            )
        if not is_match(value):
            return f"{name} {value!r} must match {pattern.text}"
        return None

    return check


def _payload_check(
    name: str, binding: Payload, member: Member, kinds: Validation
) -> _Check:
    is_limited = kinds.max or (kinds.required and binding.is_limited)
    limit = binding.constraints.max if is_limited else None
    is_required = member.is_required and kinds.required

    def check(value: Any) -> str | None:
        if value is None:
            return f"{name} is required; b'' is an empty body" if is_required else None
        if limit is None and isinstance(value, (bytes, str, bytearray, memoryview)):
            return None
        try:
            size = body_size(value)
        except SerializationError as error:
            return str(error)
        if limit is not None and size > limit:
            return f"{name} has {size} bytes; {limit} are allowed"
        return None

    return check


def _integer_check(name: str, limits: Constraints, kinds: Validation) -> _Check:
    low = limits.min if kinds.min else None
    high = limits.max if kinds.max else None
    wanted = f"from {limits.min} to {limits.max}"

    def check(value: Any) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{name} must be an int, no {type(value).__name__}: {value!r}"
        if not -(2**31) <= value < 2**31:
            return f"{name} must be an integer of 32 bits"
        is_inside = (low is None or low <= value) and (high is None or value <= high)
        if not is_inside:
            return f"{name} must be {wanted}: {value!r}"
        return None

    return check


def _header_check(name: str, limits: Constraints, kinds: Validation) -> _Check:
    longest = limits.max if kinds.required or kinds.max else None
    pattern = limits.pattern if kinds.pattern else None
    is_match = pattern.compile().fullmatch if pattern is not None else None

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"{name} must be a str, no {type(value).__name__}"
        if not (value.isascii() and value.isprintable()):
            problem = _bad_character(value)
            if problem is not None:
                return f"{name} {problem}"
        if longest is not None and len(value) > longest:
            return f"{name} has {len(value)} characters; {longest} are allowed"
        if (
            pattern is not None
            and is_match is not None
            and value
            and not is_match(value)
        ):
            return f"{name} {value!r} must match {pattern.text}"
        return None

    return check


def _bad_character(value: str) -> str | None:
    """Return what is wrong with the first character that a header cannot carry."""
    for index, character in enumerate(value):
        if character != "\t" and not " " <= character <= "~":
            return (
                f"has {character!r} at {index}; "
                "a header takes printable ASCII and tabs alone"
            )
    return None
