from __future__ import annotations

import json
from typing import Any, Final

import pytest

from sagemaker_rt.errors import ConnectionLostError, UnknownServiceError
from sagemaker_rt.sansio.client_side_monitoring import (
    Monitored,
    MonitoredAttempt,
    MonitoredCall,
    attempt_datagram,
    call_datagram,
)

OF: Final = Monitored("my-app", "SageMaker Runtime", "eu-west-1")
SIGNED: Final = {
    "user-agent": "us/1",
    "authorization": (
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-central-1/sagemaker/aws4_request,"
        " SignedHeaders=host, Signature=the-signature"
    ),
    "x-amz-security-token": "the-token",
}
THROTTLED: Final = UnknownServiceError("slower", code="Throttling", http_status=429)


def attempt(**facts: Any) -> dict[str, Any]:
    """Return what is told of an attempt."""
    known: dict[str, Any] = {
        "began": 1_700_000_000.25,
        "took": 0.0625,
        "host": "runtime.example:8443",
        "request": SIGNED,
        "status": 200,
        "response": {"x-amzn-requestid": "r-1"},
        "error": None,
    }
    datagram = attempt_datagram(
        OF, "InvokeEndpoint", MonitoredAttempt(**{**known, **facts})
    )
    assert datagram is not None
    return dict(json.loads(datagram))


def call(of: Monitored = OF, **facts: Any) -> dict[str, Any]:
    """Return what is told of a call."""
    known: dict[str, Any] = {
        "began": 1_700_000_000.25,
        "took": 1.5,
        "attempts": 2,
        "user_agent": "us/1",
        "status": 200,
        "error": None,
        "is_exhausted": False,
    }
    datagram = call_datagram(of, "InvokeEndpoint", MonitoredCall(**{**known, **facts}))
    assert datagram is not None
    return dict(json.loads(datagram))


def test_an_attempt_is_told_of() -> None:
    assert {
        "Version": 1,
        "ClientId": "my-app",
        "Type": "ApiCallAttempt",
        "Service": "SageMaker Runtime",
        "Api": "InvokeEndpoint",
        "Timestamp": 1_700_000_000_250,
        "AttemptLatency": 62,
        "Fqdn": "runtime.example:8443",
        "UserAgent": "us/1",
        "AccessKey": "AKID",
        "Region": "eu-central-1",
        "HttpStatusCode": 200,
        "XAmznRequestId": "r-1",
    } == attempt()


def test_a_call_is_told_of() -> None:
    assert {
        "Version": 1,
        "ClientId": "my-app",
        "Type": "ApiCall",
        "Service": "SageMaker Runtime",
        "Api": "InvokeEndpoint",
        "Timestamp": 1_700_000_000_250,
        "Latency": 1500,
        "AttemptCount": 2,
        "MaxRetriesExceeded": 0,
        "UserAgent": "us/1",
        "Region": "eu-west-1",
        "FinalHttpStatusCode": 200,
    } == call()


def test_an_answer_that_is_an_error_is_the_services() -> None:
    facts: dict[str, Any] = {"status": 429, "error": THROTTLED}

    told = attempt(**facts)
    final = call(**facts, is_exhausted=True)

    assert ("Throttling", "slower", 429) == (
        told["AwsException"],
        told["AwsExceptionMessage"],
        told["HttpStatusCode"],
    )
    assert ("Throttling", "slower", 429, 1) == (
        final["FinalAwsException"],
        final["FinalAwsExceptionMessage"],
        final["FinalHttpStatusCode"],
        final["MaxRetriesExceeded"],
    )


def test_an_error_without_an_answer_is_of_this_side() -> None:
    error = ConnectionLostError("reset")

    told = attempt(status=None, response={}, error=error)
    final = call(status=None, error=error)

    assert ("ConnectionLostError", "reset") == (
        told["SdkException"],
        told["SdkExceptionMessage"],
    )
    assert ("ConnectionLostError", "reset") == (
        final["FinalSdkException"],
        final["FinalSdkExceptionMessage"],
    )
    assert {"HttpStatusCode", "XAmznRequestId"}.isdisjoint(told)
    assert "FinalHttpStatusCode" not in final


def test_who_signs_nothing_has_no_key_and_no_region() -> None:
    told = attempt(request={}, host=None)
    final = call(Monitored("", "SageMaker Runtime", None))

    assert {"AccessKey", "Region", "Fqdn"}.isdisjoint(told)
    assert "" == told["UserAgent"]
    assert "Region" not in final


def test_a_call_without_an_attempt_went_nowhere() -> None:
    told = call(attempts=0, status=None, error=ConnectionLostError("x"))

    assert {"UserAgent", "Region", "FinalHttpStatusCode"}.isdisjoint(told)
    assert 0 == told["AttemptCount"]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("x-amzn-requestid", "XAmznRequestId"),
        ("x-amz-request-id", "XAmzRequestId"),
        ("x-amz-id-2", "XAmzId2"),
    ],
)
def test_ids_of_the_response_are_told(header: str, key: str) -> None:
    assert "an-id" == attempt(response={header: "an-id"})[key]


def test_long_texts_are_cut() -> None:
    error = UnknownServiceError("m" * 600, code="c" * 200)

    told = attempt(request={"user-agent": "u" * 300}, error=error)

    assert ("u" * 256, "c" * 128, "m" * 512) == (
        told["UserAgent"],
        told["AwsException"],
        told["AwsExceptionMessage"],
    )


def test_what_is_too_much_for_a_datagram_is_not_told() -> None:
    at_most = MonitoredAttempt(
        began=0.0,
        took=0.0,
        host="",
        request={},
        status=None,
        response={"x-amz-id-2": ""},
        error=None,
    )
    empty = attempt_datagram(OF, "InvokeEndpoint", at_most)
    assert empty is not None
    room = 8 * 1024 - len(empty)

    told = [
        attempt_datagram(
            OF,
            "InvokeEndpoint",
            MonitoredAttempt(
                began=0.0,
                took=0.0,
                host="",
                request={},
                status=None,
                response={"x-amz-id-2": "i" * size},
                error=None,
            ),
        )
        for size in (room, room + 1)
    ]

    assert [8192, None] == [datagram and len(datagram) for datagram in told]
