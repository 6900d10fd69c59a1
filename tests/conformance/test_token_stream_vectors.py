"""Outputs of model containers, for every way to split them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ContainerStreamError,
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    OutputDecodingError,
)
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.text_deltas import TextDelta, ToolCallDelta, Usage
from tests.conformance.vectors import entries
from tests.splits import splits

ENDS: dict[type[OutputDecodingError], str] = {
    ContainerStreamError: "error",
    InvalidTextError: "bad-utf8",
    InvalidJSONError: "bad-json",
    IncompleteOutputError: "cut",
}


def read(content_type: str | None, chunks: list[bytes]) -> dict[str, Any]:
    """Return what a reader makes of *chunks*, in the members of the vectors."""
    decoder = DeltaDecoder(content_type)
    deltas: list[TextDelta] = []
    facts: dict[str, Any] = {"error": None}
    try:
        for chunk in chunks:
            decoder.feed(chunk, deltas)
        decoder.close(deltas)
        facts["end"] = decoder.ended
    except OutputDecodingError as error:
        facts["end"] = ENDS[type(error)]
        facts["text_of_error"] = error.text
        if isinstance(error, ContainerStreamError):
            facts["error"] = {
                "message": error.message,
                "type": error.error_type,
                "code": error.error_code,
            }
    choices = {str(delta.index): choice(deltas, delta.index) for delta in deltas}
    first = choice(deltas, 0)
    facts |= {
        **first,
        "text": "".join(first["deltas"]),
        "usage": usage(deltas),
        "reasoning": [delta.reasoning for delta in deltas if delta.reasoning],
        "tool_calls": tool_calls(
            [call for delta in deltas for call in delta.tool_calls]
        ),
        "choices": choices,
    }
    assert facts.get("text_of_error", facts["text"]) == facts["text"]
    return facts


def choice(deltas: list[TextDelta], index: int) -> dict[str, Any]:
    own = [delta for delta in deltas if delta.index == index]
    reasons = [delta.finish_reason for delta in own if delta.finish_reason]
    return {
        "deltas": [delta.text for delta in own if delta.text],
        "finish_reason": reasons[-1] if reasons else None,
    }


def usage(deltas: list[TextDelta]) -> dict[str, int | None] | None:
    found: list[Usage] = [delta.usage for delta in deltas if delta.usage]
    if not found:
        return None
    return {
        "prompt_tokens": found[-1].prompt_tokens,
        "completion_tokens": found[-1].completion_tokens,
    }


def tool_calls(pieces: list[ToolCallDelta]) -> list[dict[str, Any]]:
    return [
        {
            "index": index,
            "id": next(piece.id for piece in pieces if piece.index == index),
            "name": next(piece.name for piece in pieces if piece.index == index),
            "arguments": "".join(p.arguments for p in pieces if p.index == index),
        }
        for index in sorted({piece.index for piece in pieces})
    ]


@pytest.mark.parametrize(
    "path", entries("token-streams", "*.json"), ids=lambda path: path.stem
)
def test_an_output_is_read_the_same_for_every_split(path: Path) -> None:
    vector = json.loads(path.read_text("utf-8"))
    body = vector.get("body")
    data = bytes.fromhex(vector["body_hex"]) if body is None else body.encode()

    whole = read(vector["content_type"], [data])

    # deltas are null where the output is text, which may be split in any way
    members = [name for name in whole if name in vector and vector[name] != whole[name]]
    assert members == (["deltas"] if vector["deltas"] is None else [])
    whole.pop("deltas"), whole.pop("choices")
    for chunks in splits(data):
        found = read(vector["content_type"], chunks)
        assert whole == {name: found[name] for name in whole}, chunks
