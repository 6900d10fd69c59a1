"""Deserialization of an HTTP response to an output shape, by the restJson1 protocol.

`compile_deserializer` reads the bindings of a shape once and returns a function, so
that a call does not interpret bindings. `error_responses` parses errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.http_bindings import Header, JSONMember, Payload, bindings_of

__all__ = ["Deserializer", "compile_deserializer", "json_object", "request_id"]

Deserializer: TypeAlias = Callable[[Response, bytes, Metadata], Any]
"""Returns an output for a response, its complete body, and the metadata of the call."""


def compile_deserializer(shape: type) -> Deserializer:
    """Return a function that makes an output of *shape* from a response.

    The function raises `DeserializationError` if the body has to be a JSON document,
    and is not an object with string members.
    """
    headers = bindings_of(shape, Header)
    json_members = bindings_of(shape, JSONMember)
    attributes = {h.name.lower(): attribute for attribute, h in headers.items()}
    payload = next(iter(bindings_of(shape, Payload)), None)

    def deserialize(response: Response, body: bytes, metadata: Metadata) -> Any:
        received = response.headers.lower
        values: dict[str, object] = {}
        for name in attributes.keys() & received.keys():
            values[attributes[name]] = received[name]
        if payload is not None:
            values[payload] = body
        if json_members:
            document = json_object(body)
            for attribute, binding in json_members.items():
                values[attribute] = _string(document, binding.name)
        return shape(metadata=metadata, **values)

    return deserialize


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the request id in *headers*, whose names are in lower case."""
    return headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")


def json_object(body: bytes) -> dict[str, object]:
    """Return *body* as a JSON object; an empty body is an empty object.

    Raises:
        DeserializationError: *body* is not a JSON object.
    """
    import json  # noqa: PLC0415 - most responses have no JSON that is read here

    try:
        document = json.loads(body) if body else {}
    # ValueError: invalid JSON or UTF-8, or a number of too many digits to convert.
    # RecursionError: too many nested arrays or objects.
    except (ValueError, RecursionError) as error:
        message = f"the response body is not JSON: {error}"
        raise DeserializationError(message) from error
    if not isinstance(document, dict):
        message = f"the response body is a {type(document).__name__}, not a JSON object"
        raise DeserializationError(message)
    return document


def _string(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        message = f"{name} of the response is a {type(value).__name__}, not a string"
        raise DeserializationError(message)
    return value
