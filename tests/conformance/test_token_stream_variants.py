"""Outputs of model containers, written in other ways that mean the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt.sansio.json_values import JSONValueDecoder
from tests.conformance.test_token_stream_vectors import read
from tests.conformance.vectors import entries

PATHS: Final = [
    path
    for path in entries("token-streams", "*.json")
    if json.loads(path.read_text("utf-8")).get("body")
]
EVENTS: Final = "text/event-stream"
LINES: Final = "application/jsonlines"
BYTE_ORDER_MARK: Final = "\ufeff"


def events_with(change: Callable[[Any], Any], body: str) -> str:
    """Return server-sent events; JSON values on one line are changed."""
    return re.sub(
        r"^data: ?(\{.*\})$",
        lambda found: f"data: {json.dumps(change(json.loads(found[1])))}",
        body,
        flags=re.MULTILINE,
    )


def reordered(value: Any) -> Any:
    """Return *value* with the members of all objects in reverse order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def with_nulls(value: Any) -> Any:
    """Return *value* with members that no format has."""
    if not isinstance(value, dict):
        return value
    return {"a": None, **value, "b": None, "c": {"text": "x", "error": None}}


EVENT_VARIANTS: Final[dict[str, Callable[[str], str]]] = {
    "crlf": lambda body: body.replace("\n", "\r\n"),
    "cr": lambda body: body.replace("\n", "\r"),
    "no-space": lambda body: body.replace("data: ", "data:"),
    "byte-order-mark": lambda body: BYTE_ORDER_MARK + body,
    "pings": lambda body: ": ping\n\n" + body.replace("\n\n", "\n\n: ping\n\n"),
    "ids": lambda body: "retry: 5\n" + body.replace("data:", "id: 1\ndata:"),
    "no-final-newline": lambda body: body.rstrip("\n"),
    "blank-lines": lambda body: "\n\n" + body.replace("\n\n", "\n\n\n\n"),
    "reordered": lambda body: events_with(reordered, body),
    "with-nulls": lambda body: events_with(with_nulls, body),
    "named": lambda body: (
        body if "event:" in body else body.replace("data:", "event: chunk\ndata:")
    ),
}
VALUE_VARIANTS: Final[dict[str, Callable[[list[Any]], str]]] = {
    "crlf": lambda values: "".join(json.dumps(one) + "\r\n" for one in values),
    "concatenated": lambda values: "".join(json.dumps(one) for one in values),
    "pretty": lambda values: "\n".join(json.dumps(one, indent=2) for one in values),
    "array": lambda values: json.dumps(values, ensure_ascii=False),
    "pretty-array": lambda values: json.dumps(values, indent=1),
    "byte-order-mark": lambda values: (
        BYTE_ORDER_MARK + "".join(json.dumps(one) for one in values)
    ),
    "sequence": lambda values: "".join(f"\x1e{json.dumps(one)}\n" for one in values),
    "blank-lines": lambda values: "\n\n".join(["", *map(json.dumps, values), "\n"]),
    "reordered": lambda values: "\n".join(json.dumps(reordered(v)) for v in values),
    "with-nulls": lambda values: "\n".join(json.dumps(with_nulls(v)) for v in values),
    "events": lambda values: "".join(f"data: {json.dumps(v)}\n\n" for v in values),
}


def variants(path: Path) -> Iterator[tuple[str, str | None, str]]:
    """Yield the name, the content type and the body of each variant."""
    vector = json.loads(path.read_text("utf-8"))
    body: str = vector["body"]
    if EVENTS in (vector["content_type"] or ""):
        for name, change in EVENT_VARIANTS.items():
            yield name, EVENTS, change(body)
        for content_type in (None, "application/json", "binary/octet-stream"):
            yield f"type-{content_type}", content_type, body
    elif body.lstrip()[:1] in "{[" and vector["end"] != "cut":
        values: list[Any] = []
        JSONValueDecoder(flatten=True).feed(body.encode(), values)
        for name, write in VALUE_VARIANTS.items():
            yield name, None, write(values)
            yield f"{name}-typed", LINES, write(values)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_an_output_that_is_written_in_another_way_is_read_the_same(path: Path) -> None:
    vector = json.loads(path.read_text("utf-8"))
    expected = read(vector["content_type"], [vector["body"].encode()])

    different = {
        name: found
        for name, content_type, body in variants(path)
        for chunks in ([body.encode()], [bytes([byte]) for byte in body.encode()])
        if (found := read(content_type, chunks)) != expected
    }

    assert {} == different
