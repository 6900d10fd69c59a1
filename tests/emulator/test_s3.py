from __future__ import annotations

import pytest

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.responses import Answer, RequestRejected
from sagemaker_rt.emulator.signature_verification import (
    SignatureProblem,
    SignatureRejected,
)
from tests.doubles import ManualClock
from tests.emulator.signed_requests import received

HASH = "x-amz-content-sha256"
UNSIGNED = {HASH: "UNSIGNED-PAYLOAD"}


def objects() -> ObjectStore:
    return ObjectStore(ManualClock(0))


def object_request(
    store: ObjectStore,
    operation: str,
    path: str = "/s3/bucket/a%20key",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    request = received(
        path,
        body,
        headers=UNSIGNED if headers is None else headers,
        operation=operation,
        endpoint_name=None,
    )
    return s3.answer(request, store, region="eu-west-1")


def test_put_stores_an_object() -> None:
    store = objects()

    answer = object_request(
        store, "PutObject", body=b"x", headers={**UNSIGNED, "content-type": "text/csv"}
    )

    stored = store.find("s3://bucket/a key")
    assert 200 == answer.status
    assert stored is not None
    assert (b"x", "text/csv") == (stored.body, stored.content_type)
    assert stored.etag == answer.headers["ETag"]


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject"])
def test_get_and_head_return_an_object(operation: str) -> None:
    store = objects()
    store.put("s3://bucket/a key", b"x", content_type="text/csv")

    answer = object_request(store, operation)

    assert b"x" == answer.body
    assert "text/csv" == answer.headers["Content-Type"]
    assert "Thu, 01 Jan 1970 00:00:00 GMT" == answer.headers["Last-Modified"]


def test_a_missing_object_is_no_such_key() -> None:
    with pytest.raises(RequestRejected) as refused:
        object_request(objects(), "GetObject")

    assert 404 == refused.value.answer.status
    assert b"<Code>NoSuchKey</Code>" in refused.value.answer.body


def test_an_object_needs_a_bucket() -> None:
    with pytest.raises(RequestRejected) as refused:
        object_request(objects(), "PutObject", path="/s3/%2F/key")

    assert b"<Code>InvalidURI</Code>" in refused.value.answer.body


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, b"InvalidRequest"),
        ({HASH: "0" * 64}, 400, b"XAmzContentSHA256Mismatch"),
        ({HASH: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, 501, b"NotImplemented"),
    ],
)
def test_the_payload_must_match_its_declared_hash(
    headers: dict[str, str], status: int, code: bytes
) -> None:
    with pytest.raises(RequestRejected) as refused:
        object_request(objects(), "PutObject", body=b"x", headers=headers)

    assert status == refused.value.answer.status
    assert code in refused.value.answer.body


@pytest.mark.parametrize("problem", SignatureProblem)
def test_each_signature_problem_has_an_error(problem: SignatureProblem) -> None:
    rejected = SignatureRejected(problem, "a < b")

    answer = s3.signature_answer(rejected, region="eu-west-1")

    assert answer.status in {400, 403}
    assert b"<Message>a &lt; b</Message>" in answer.body


def test_a_wrong_scope_names_the_region_of_the_bucket() -> None:
    rejected = SignatureRejected(SignatureProblem.WRONG_SCOPE, "")

    answer = s3.signature_answer(rejected, region="eu-west-1")

    assert b"<Region>eu-west-1</Region>" in answer.body
    assert "eu-west-1" == answer.headers["x-amz-bucket-region"]
