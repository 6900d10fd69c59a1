"""Compressed requests, by the protocol tests of Smithy."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.middleware.request_compression import RequestCompression
from sagemaker_rt.stack import BuildInput
from tests.conformance.vectors import vectors
from tests.doubles import Wire

IDS = [
    "SDKAppliedContentEncoding_restJson1",
    "SDKAppendedGzipAfterProvidedEncoding_restJson1",
]


def case(id: str) -> dict[str, Any]:
    text = (vectors("restjson") / "smithy-requestCompression.json").read_text()
    (suite,) = json.loads(text)["suites"]
    found: dict[str, Any] = next(c for c in suite["cases"] if c["id"] == id)
    return found


def test_all_cases_are_listed() -> None:
    text = (vectors("restjson") / "smithy-requestCompression.json").read_text()

    assert IDS == [c["id"] for s in json.loads(text)["suites"] for c in s["cases"]]


@pytest.mark.parametrize("id", IDS)
async def test_a_body_is_encoded_by_the_protocol(id: str) -> None:
    vector = case(id)
    params, body = vector["params"], vector["params"]["data"].encode()
    headers = {"content-encoding": params["encoding"]} if "encoding" in params else {}
    request = Request(body=body, headers=Headers(headers))

    await RequestCompression(10_240)(
        Context("Put"), BuildInput(request), Wire[BuildInput]()
    )

    assert isinstance(request.body, bytes)
    assert vector["headers"] == request.headers
    assert body == gzip.decompress(request.body)
