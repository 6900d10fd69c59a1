"""Outputs of containers that speak OpenAI, converted for OpenAI's clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.emulator.openai_path import in_openai_format
from sagemaker_rt.emulator.responses import error_answer
from sagemaker_rt.errors import IncompleteOutputError, OutputDecodingError
from sagemaker_rt.sansio.openai_events import OpenAIEventEncoder
from tests.conformance.test_token_stream_vectors import read
from tests.conformance.vectors import entries, vectors
from tests.splits import decode_all_splits

DONE = b"data: [DONE]\n\n"
PREFIXES = (
    "lmi-v1-chat",
    "lmi-v2-chat",
    "openai-",
    "sglang-chat",
    "tgi-completions",
    "tgi-m",
    "vllm-",
)
OUTPUTS = [
    path
    for path in entries("token-streams", "*.json")
    if path.stem.startswith(PREFIXES)
]


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.stem)
def test_an_output_means_the_same_after_its_conversion(path: Path) -> None:
    vector = json.loads(path.read_text("utf-8"))
    body = vector.get("body")
    data = bytes.fromhex(vector["body_hex"]) if body is None else body.encode()

    events, error = decode_all_splits(
        lambda: OpenAIEventEncoder(vector["content_type"]), data
    )

    converted = read("text/event-stream", [b"".join(events)])
    original = read(vector["content_type"], [data])
    assert original == converted
    ends: dict[str, type[OutputDecodingError]] = {"cut": IncompleteOutputError}
    assert ends.get(vector["end"]) is error
    is_done = vector["end"] == "done" and "responses" not in path.stem
    assert is_done == (DONE in events)


@pytest.mark.parametrize(
    ("name", "code", "members"),
    [
        ("unknown-endpoint", "ValidationError", {}),
        ("container", "ModelError", {"OriginalStatusCode": 400}),
        ("body-not-loaded", "ModelError", {"OriginalStatusCode": 400}),
    ],
)
def test_the_emulator_writes_errors_as_the_openai_path_does(
    name: str, code: str, members: dict[str, Any]
) -> None:
    path = vectors("container-errors") / f"document-openai-route-{name}.json"
    vector = json.loads(path.read_text("utf-8"))
    document = json.loads(vector["body"])
    message = document["error"]["message"]

    answer = in_openai_format(error_answer(code, 424, message, members=members))

    assert document == json.loads(answer.body)
    assert vector["headers"]["content-type"] == answer.headers["Content-Type"]
