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
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.authorization_header import parse_authorization
from sagemaker_rt.signers.sigv4 import SigV4Signer
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


def test_our_signer_makes_the_same_signature(recorded: dict[str, Any]) -> None:
    # our signer leaves out Content-Length, which two of the requests sign
    (request,) = (
        found
        for found in map(received, recorded["requests"])
        if "content-length;" not in found.headers["authorization"]
    )
    theirs = parse_authorization(request.headers["authorization"])
    signed = {name: request.headers[name] for name in theirs.signed_headers}
    ours = Request(
        method=request.method,
        path=request.path,
        query=request.query,
        endpoint=Endpoint(f"http://{signed.pop('host')}"),
        headers=Headers(signed),
        body=request.body,
        payload_hash=request.headers["x-amz-content-sha256"],
    )

    SigV4Signer().sign(
        ours,
        Credentials(**recorded["credentials"]),
        service=recorded["signing_name"],
        region=recorded["region"],
        signing_time=datetime.fromisoformat(signed["x-amz-date"]).timestamp(),
    )

    assert parse_authorization(ours.headers["authorization"]) == theirs
