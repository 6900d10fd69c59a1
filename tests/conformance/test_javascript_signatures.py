"""Requests that the AWS SDK for JavaScript has signed, verified by our signer."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.signature_verification import (
    SignatureRejected,
    SigningScope,
    verify,
)
from sagemaker_rt.identity import Credentials
from tests.conformance.vectors import vectors


@pytest.fixture
def recorded() -> dict[str, Any]:
    file = vectors("bidirectional/javascript-v3-requests.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def received(request: dict[str, Any]) -> ReceivedRequest:
    path, _, query = request["url"].partition("?")
    body = bytes.fromhex(request["body_hex"])
    return ReceivedRequest(
        operation="InvokeEndpoint",
        method=request["method"],
        path=path,
        query=query,
        headers={name.lower(): value for name, value in request["headers"]},
        body=body,
        body_length=len(body),
    )


def test_the_signatures_are_ours(recorded: dict[str, Any]) -> None:
    credentials = Credentials(**recorded["credentials"])
    scope = SigningScope(region=recorded["region"], service=recorded["signing_name"])
    assert len(recorded["requests"]) == 3
    for request in map(received, recorded["requests"]):
        now = datetime.fromisoformat(request.headers["x-amz-date"]).timestamp()

        verify(request, credentials=credentials, scope=scope, now=now)

        changed = evolve(request, path=f"{request.path}x")
        with pytest.raises(SignatureRejected):
            verify(changed, credentials=credentials, scope=scope, now=now)
