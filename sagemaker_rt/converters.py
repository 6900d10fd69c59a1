"""Shapes to and from plain dictionaries, by cattrs; never on a call's way."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import attrs
import cattrs

from sagemaker_rt import shapes
from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import ParamValidationError

__all__ = ["from_dict", "to_dict"]

T = TypeVar("T", bound=attrs.AttrsInstance)


def to_dict(shape: attrs.AttrsInstance) -> dict[str, Any]:
    """Return *shape* as a dictionary that JSON can say.

    Members that are None are left out. Bytes become text where they are UTF-8, and
    ``{"base64": …}`` elsewhere. Metadata becomes request id, status and the number of
    attempts.
    """
    result: dict[str, Any] = _converter().unstructure(shape)
    return {name: value for name, value in result.items() if value is not None}


def from_dict(shape: type[T], members: Mapping[str, Any]) -> T:
    """Return a *shape* made of *members*, under their Python names.

    Raises:
        ParamValidationError: A name is unknown, one is missing, or a value cannot be.
    """
    try:
        return _converter().structure(dict(members), shape)
    except (cattrs.BaseValidationError, TypeError, ValueError) as error:
        problems = cattrs.transform_error(error, path=shape.__name__)
        message = f"{shape.__name__} cannot be made: {'; '.join(problems)}"
        raise ParamValidationError(message, problems) from error


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    """Return the converter, which is put together when it is first needed."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(bytes, _text)
    converter.register_unstructure_hook(Metadata, _facts)
    for body in (shapes.BodyLike, shapes.BodyLike | None):
        converter.register_structure_hook(body, lambda value, _: value)
    return converter


def _text(value: bytes) -> object:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(value).decode()}


def _facts(metadata: Metadata) -> dict[str, object]:
    return {
        "request_id": metadata.request_id,
        "http_status": metadata.http_status,
        "attempts": len(metadata.attempts),
    }
