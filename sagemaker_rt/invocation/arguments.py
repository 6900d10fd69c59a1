"""The arguments of an operation: an input shape or its members, and options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.options import Option
from sagemaker_rt.options.options import DECLARATIONS
from sagemaker_rt.sansio.suggestions import did_you_mean

if TYPE_CHECKING:
    from sagemaker_rt.operations import Operation

__all__ = ["arguments"]


def arguments(
    operation: Operation, args: tuple[Any, ...], members: dict[str, Any]
) -> tuple[object, tuple[Option, ...]]:
    """Return the input shape and the options of a call.

    Args:
        args: An input shape, if there are no *members*, and options.

    Raises:
        ParamValidationError: The shape belongs to another operation, or a member is
            unknown or missing, or there are both ``json`` and ``body``.
        SerializationError: JSON cannot hold the value of ``json``.
    """
    if not args or callable(args[0]):
        return _input(operation, members), args
    name = operation.input.__name__
    if not isinstance(args[0], operation.input):
        kind = type(args[0]).__name__
        message = (
            f"pass {name}, or its members by keyword ({_required(operation)}), "
            f"not {kind}"
        )
        raise ParamValidationError(message, [message])
    if members:
        message = f"pass {name} or members, not both: {', '.join(members)}"
        raise ParamValidationError(message, [message])
    return args[0], args[1:]


def _input(operation: Operation, members: dict[str, Any]) -> object:
    if "json" in members:
        _encode_json(members)
    try:
        return operation.input(**members)
    except TypeError:
        raise _wrong_members(operation, members) from None


def _encode_json(members: dict[str, Any]) -> None:
    """Replace the member ``json`` by a body and its content type; None is unset."""
    if members["json"] is None:
        del members["json"]
        return
    if members.get("body") is not None:
        problem = "set json or body, not both"
        raise ParamValidationError(problem, [problem])
    from sagemaker_rt.sansio.json_encoding import encode_json  # noqa: PLC0415 - not all calls send JSON

    # not in a local variable, which a traceback may show
    members["body"] = encode_json(members.pop("json"), "json")
    if members.get("content_type") is None:
        members["content_type"] = "application/json"


def _wrong_members(operation: Operation, members: dict[str, Any]) -> Exception:
    """Return the error for unknown and missing *members*."""
    fields = attrs.fields_dict(operation.input)
    required = _required_names(operation)
    problems = [
        f"unknown member {name!r}{_hint(name, fields)}"
        for name in members.keys() - fields.keys()
    ]
    problems += [
        f"{name} is required" if name != "body" else "body or json is required"
        for name in required
        if name not in members
    ]
    text = f"{operation.input.__name__} is invalid: {'; '.join(sorted(problems))}"
    return ParamValidationError(text, problems)


def _required(operation: Operation) -> str:
    """Return the required members as the arguments of a call."""
    return ", ".join(f"{name}=…" for name in _required_names(operation))


def _required_names(operation: Operation) -> list[str]:
    return [
        name
        for name, field in attrs.fields_dict(operation.input).items()
        if field.default is attrs.NOTHING
    ]


def _hint(name: object, fields: Mapping[str, object]) -> str:
    if not isinstance(name, str):  # of a mapping
        return ""
    if name in DECLARATIONS:
        return f" is an option; pass with_options({name}=…) before the members"
    return did_you_mean(_snake_case(name), [*fields, "json"])


def _snake_case(name: str) -> str:
    """Return the Python name of a member by its name in the service model."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
