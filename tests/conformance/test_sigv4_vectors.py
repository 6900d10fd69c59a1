"""The SigV4 test suite: the cases that sign in headers."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio import sigv4
from sagemaker_rt.sansio.authorization_header import parse_authorization
from tests.conformance.vectors import entries, vectors


@frozen
class Case:
    """One folder of the suite."""

    folder: Path

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    @property
    def context(self) -> dict[str, Any]:
        context: dict[str, Any] = json.loads(self.text("context.json"))
        return context

    @property
    def is_supported_by_the_signer(self) -> bool:
        """Whether the path is normalized, and a session token is signed."""
        context = self.context
        return context["normalize"] and not context.get("omit_session_token", False)

    @property
    def credentials(self) -> Credentials:
        keys = self.context["credentials"]
        return Credentials(
            keys["access_key_id"], keys["secret_access_key"], keys.get("token")
        )

    @property
    def signing_time(self) -> float:
        return datetime.fromisoformat(self.context["timestamp"]).timestamp()

    @property
    def request(self) -> Request:
        request = parsed(self.text("request.txt"))
        if self.context["sign_body"]:
            request.headers["x-amz-content-sha256"] = body_hash(request)
        return request


def parsed(text: str) -> Request:
    """Return the HTTP request in *text*."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    method, _, rest = first.partition(" ")
    path, _, query = rest.rpartition(" ")[0].partition("?")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        previous = headers.get(name.lower())
        headers[name.lower()] = value if previous is None else f"{previous},{value}"
    endpoint = Endpoint(f"https://{headers['host']}")
    return Request(method, path, query, Headers(headers), body.encode(), endpoint)


def body_hash(request: Request) -> str:
    assert isinstance(request.body, bytes)
    return sha256(request.body).hexdigest()


CASES = [Case(folder) for folder in entries("sigv4")]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
each_supported_case = pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.is_supported_by_the_signer],
    ids=lambda case: case.folder.name,
)


def test_all_cases_are_read() -> None:
    vectors("sigv4")

    assert 23 == len(CASES)


@each_case
def test_the_intermediate_values_are_those_of_the_suite(case: Case) -> None:
    request, context = case.request, case.context
    date = sigv4.amz_date(case.signing_time)
    request.headers["x-amz-date"] = date
    token = case.credentials.session_token
    if token is not None and not context.get("omit_session_token", False):
        request.headers["x-amz-security-token"] = token
    scope = {"region": context["region"], "service": context["service"]}

    canonical_request = sigv4.canonical_request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        signed_headers=sorted(request.headers),
        payload_hash=body_hash(request),
        normalize=context["normalize"],
    )
    string_to_sign = sigv4.string_to_sign(canonical_request, amz_date=date, **scope)
    secret = case.credentials.secret_access_key
    key = sigv4.signing_key(secret, date=date[:8], **scope)
    signature = sigv4.signature(key, string_to_sign)

    assert case.text("header-canonical-request.txt") == canonical_request
    assert case.text("header-string-to-sign.txt") == string_to_sign
    assert case.text("header-signature.txt") == signature


@each_supported_case
def test_the_signer_writes_the_headers_of_the_suite(case: Case) -> None:
    request = case.request

    sigv4.SigV4().sign(
        request,
        case.credentials,
        service=case.context["service"],
        region=case.context["region"],
        signing_time=case.signing_time,
    )

    assert parsed(case.text("header-signed-request.txt")).headers == request.headers


@each_case
def test_an_authorization_of_the_suite_is_parsed(case: Case) -> None:
    value = parsed(case.text("header-signed-request.txt")).headers["authorization"]

    authorization = parse_authorization(value)

    assert case.credentials.access_key_id == authorization.access_key_id
    assert case.context["timestamp"][:10].replace("-", "") == authorization.date
    assert case.context["region"] == authorization.region
    assert case.context["service"] == authorization.service
    assert case.text("header-signature.txt") == authorization.signature
    lines = case.text("header-canonical-request.txt").split("\n")
    assert lines[-2] == ";".join(authorization.signed_headers)
