from __future__ import annotations

import pytest

from sagemaker_rt.emulator import s3
from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.responses import Answer, Refusal
from sagemaker_rt.emulator.signature_verification import Doubt, SignatureRefused
from tests.doubles import ManualClock
from tests.emulator.signed_requests import received

HASH = "x-amz-content-sha256"
UNSIGNED = {HASH: "UNSIGNED-PAYLOAD"}


def objects() -> ObjectStore:
    return ObjectStore(ManualClock(0))


def asked(
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
    return s3.answer(request, store)


def test_what_is_put_is_in_the_store() -> None:
    store = objects()

    answer = asked(
        store, "PutObject", body=b"x", headers={**UNSIGNED, "content-type": "text/csv"}
    )

    stored = store.find("s3://bucket/a key")
    assert 200 == answer.status
    assert stored is not None
    assert (b"x", "text/csv") == (stored.body, stored.content_type)
    assert stored.etag == answer.headers["ETag"]


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject"])
def test_what_is_in_the_store_is_got(operation: str) -> None:
    store = objects()
    store.put("s3://bucket/a key", b"x", content_type="text/csv")

    answer = asked(store, operation)

    assert b"x" == answer.body
    assert "text/csv" == answer.headers["Content-Type"]
    assert "Thu, 01 Jan 1970 00:00:00 GMT" == answer.headers["Last-Modified"]


def test_what_is_not_in_the_store_is_no_such_key() -> None:
    with pytest.raises(Refusal) as refused:
        asked(objects(), "GetObject")

    assert 404 == refused.value.answer.status
    assert b"<Code>NoSuchKey</Code>" in refused.value.answer.body


def test_an_object_needs_a_bucket() -> None:
    with pytest.raises(Refusal) as refused:
        asked(objects(), "PutObject", path="/s3/%2F/key")

    assert b"<Code>InvalidURI</Code>" in refused.value.answer.body


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, b"InvalidRequest"),
        ({HASH: "0" * 64}, 400, b"XAmzContentSHA256Mismatch"),
        ({HASH: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, 501, b"NotImplemented"),
    ],
)
def test_the_payload_must_be_the_promised_one(
    headers: dict[str, str], status: int, code: bytes
) -> None:
    with pytest.raises(Refusal) as refused:
        asked(objects(), "PutObject", body=b"x", headers=headers)

    assert status == refused.value.answer.status
    assert code in refused.value.answer.body


@pytest.mark.parametrize("doubt", Doubt)
def test_every_doubt_has_an_answer(doubt: Doubt) -> None:
    answer = s3.signature_answer(SignatureRefused(doubt, "a < b"))

    assert answer.status in {400, 403}
    assert b"<Message>a &lt; b</Message>" in answer.body
