"""Deserialization of an HTTP response to an output shape, by the restJson1 protocol.

`compile_deserializer` reads the bindings of a shape once, and returns a plain function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.http_bindings import Header, JSONMember, Payload, bindings_of

__all__ = ["Deserializer", "compile_deserializer", "json_object", "request_id"]

Deserializer: TypeAlias = Callable[[Response, bytes, Metadata], Any]
"""Reads an output from a response's head and its whole body."""


def compile_deserializer(shape: type) -> Deserializer:
    """Return what reads an output of *shape*, which also takes the call's metadata.

    The function raises `DeserializationError` for a document that is no JSON object,
    or whose member is no string.
    """
    headers = bindings_of(shape, Header)
    documents = bindings_of(shape, JSONMember)
    pairs = [(attribute, h.name.lower()) for attribute, h in headers.items()]
    payload = next(iter(bindings_of(shape, Payload)), None)

    def deserialize(response: Response, body: bytes, metadata: Metadata) -> Any:
        get = response.headers.lower.get
        values: dict[str, object] = {
            attribute: value
            for attribute, name in pairs
            if (value := get(name)) is not None
        }
        if payload is not None:
            values[payload] = body
        if documents:
            document = json_object(body)
            for attribute, binding in documents.items():
                values[attribute] = _string(document, binding.name)
        return shape(metadata=metadata, **values)

    return deserialize


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id that the service gave a request, from lower-case *headers*."""
    return headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")


def json_object(body: bytes) -> dict[str, object]:
    """Return the JSON object that *body* is; an empty body is an empty object."""
    try:
        document = json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        message = f"the response's body is no JSON: {error}"
        raise DeserializationError(message) from error
    if not isinstance(document, dict):
        message = f"the response's body is a JSON {type(document).__name__}, no object"
        raise DeserializationError(message)
    return document


def _string(document: Mapping[str, object], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        message = f"{name} of the response is a {type(value).__name__}, no string"
        raise DeserializationError(message)
    return value
