"""The signatures of the operations, as `inspect.signature` and `help` show them."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, Final, TypeVar, get_overloads

__all__ = ["sign_with_overloads"]

F = TypeVar("F", bound=Callable[..., Any])


class _Default:
    """A default value that is only displayed."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


_SEE_MEMBERS: Final = _Default("<the members below>")
_REQUIRED: Final = _Default("<required>")


def sign_with_overloads(method: F) -> F:
    """Give *method* the parameters of its overloads: the shape, the members and `json`.

    The implementation takes ``*args`` and ``**members``, so that an unknown member is
    a `ParamValidationError` with a suggestion, and not a `TypeError`. In the signature
    every parameter has a default: it accepts both forms of a call, and so do mocks that
    are specified by it.
    """
    with_shape, with_members, with_json = map(signature, get_overloads(method))
    own, shape, *_ = with_shape.parameters.values()
    _, *others = with_members.parameters.values()
    json = with_json.parameters["json"].replace(default=None)
    after_body = 1 + [parameter.name for parameter in others].index("body")
    others.insert(after_body, json)
    merged = with_members.replace(
        parameters=[
            own,
            shape.replace(default=_SEE_MEMBERS),
            *(
                parameter.replace(default=_REQUIRED)
                if parameter.kind is Parameter.KEYWORD_ONLY
                and parameter.default is Parameter.empty
                else parameter
                for parameter in others
            ),
        ]
    )
    vars(method)["__signature__"] = merged
    return method
