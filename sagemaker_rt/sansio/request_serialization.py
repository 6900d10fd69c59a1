"""Serialization of an input shape to an HTTP request, by the restJson1 protocol.

`compile_serializer` reads the bindings of a shape once and returns a function, so that
a call does not interpret bindings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias
from urllib.parse import quote

from sagemaker_rt.http import Request
from sagemaker_rt.sansio.http_bindings import Header, Label, Payload, bindings_of
from sagemaker_rt.sansio.latest_values import LatestValues
from sagemaker_rt.sansio.request_body import to_body

__all__ = ["Serializer", "compile_serializer"]

Serializer: TypeAlias = Callable[[Any, Request], None]
"""Writes an input to a request."""


def compile_serializer(shape: type, path: str) -> Serializer:
    """Return a function that writes an input of *shape* to a request.

    The function sets the path, headers and body of the request. Headers whose value is
    None or empty are not sent. It raises `SerializationError` for an invalid body.

    Args:
        shape: An input shape. Without a payload, the request has no body.
        path: The path of the operation, with its label in braces.
    """
    ((label, label_binding),) = bindings_of(shape, Label).items()
    headers = bindings_of(shape, Header)
    payload = next(iter(bindings_of(shape, Payload)), None)
    names = [binding.name.lower() for binding in headers.values()]
    values = attrgetter(*headers)
    before, _, after = path.partition(f"{{{label_binding.name}}}")

    # Most calls of a client have one of a few endpoint names.
    @lru_cache(256)
    def path_of(value: str) -> str:
        # RFC 3986, section 2.3: all characters but the unreserved ones are encoded
        return f"{before}{quote(value, safe='-_.~')}{after}"

    latest: LatestValues[dict[str, str]] = LatestValues()

    def serialize(params: Any, request: Request) -> None:
        # first: a traceback of its errors shows none of the values below
        if payload is not None:
            body = getattr(params, payload)
            request.body = body if type(body) is bytes else to_body(body)
        request.path = path_of(getattr(params, label))
        found = values(params)
        texts = latest.result_of(found)
        if texts is None:
            texts = {
                name: value if type(value) is str else _to_text(value)
                for name, value in zip(names, found, strict=False)
                if value is not None and value != ""
            }
            latest.remember(found, texts)
        request.headers.lower.update(texts)

    return serialize


def _to_text(value: str | int) -> str:
    # str() of a member of an enumeration may return its name instead of its value.
    return str.__str__(value) if isinstance(value, str) else int.__repr__(value)
