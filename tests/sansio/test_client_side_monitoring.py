from __future__ import annotations

import json
from typing import Any, Final

import pytest

from sagemaker_rt.errors import ConnectionLostError, UnknownServiceError
from sagemaker_rt.sansio.client_side_monitoring import (
    MonitoredAttempt,
    MonitoredCall,
    MonitoredClient,
    attempt_datagram,
    call_datagram,
)

CLIENT: Final = MonitoredClient("my-app", "SageMaker Runtime", "eu-west-1")
SIGNED: Final = {
    "user-agent": "us/1",
    "authorization": (
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-central-1/sagemaker/aws4_request,"
        " SignedHeaders=host, Signature=the-signature"
    ),
    "x-amz-security-token": "the-token",
}
THROTTLED: Final = UnknownServiceError("slower", code="Throttling", http_status=429)


def attempt(**changes: Any) -> dict[str, Any]:
    """Return the datagram of an attempt."""
    facts: dict[str, Any] = {
        "started_at": 1_700_000_000.25,
        "duration": 0.0625,
        "host": "runtime.example:8443",
        "request_headers": SIGNED,
        "status": 200,
        "response_headers": {"x-amzn-requestid": "r-1"},
        "error": None,
    }
    datagram = attempt_datagram(
        CLIENT, "InvokeEndpoint", MonitoredAttempt(**{**facts, **changes})
    )
    assert datagram is not None
    return dict(json.loads(datagram))


def call(client: MonitoredClient = CLIENT, **changes: Any) -> dict[str, Any]:
    """Return the datagram of a call."""
    facts: dict[str, Any] = {
        "started_at": 1_700_000_000.25,
        "duration": 1.5,
        "attempts": 2,
        "user_agent": "us/1",
        "status": 200,
        "error": None,
        "is_exhausted": False,
    }
    datagram = call_datagram(
        client, "InvokeEndpoint", MonitoredCall(**{**facts, **changes})
    )
    assert datagram is not None
    return dict(json.loads(datagram))


def test_an_attempt_is_reported() -> None:
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


def test_a_call_is_reported() -> None:
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


def test_a_service_error_is_reported_as_an_aws_exception() -> None:
    changes: dict[str, Any] = {"status": 429, "error": THROTTLED}

    event = attempt(**changes)
    final = call(**changes, is_exhausted=True)

    assert ("Throttling", "slower", 429) == (
        event["AwsException"],
        event["AwsExceptionMessage"],
        event["HttpStatusCode"],
    )
    assert ("Throttling", "slower", 429, 1) == (
        final["FinalAwsException"],
        final["FinalAwsExceptionMessage"],
        final["FinalHttpStatusCode"],
        final["MaxRetriesExceeded"],
    )


def test_other_errors_are_reported_as_sdk_exceptions() -> None:
    error = ConnectionLostError("reset")

    event = attempt(status=None, response_headers={}, error=error)
    final = call(status=None, error=error)

    assert ("ConnectionLostError", "reset") == (
        event["SdkException"],
        event["SdkExceptionMessage"],
    )
    assert ("ConnectionLostError", "reset") == (
        final["FinalSdkException"],
        final["FinalSdkExceptionMessage"],
    )
    assert {"HttpStatusCode", "XAmznRequestId"}.isdisjoint(event)
    assert "FinalHttpStatusCode" not in final


def test_unsigned_requests_have_no_access_key_and_no_region() -> None:
    event = attempt(request_headers={}, host=None)
    final = call(MonitoredClient("", "SageMaker Runtime", None))

    assert {"AccessKey", "Region", "Fqdn"}.isdisjoint(event)
    assert "" == event["UserAgent"]
    assert "Region" not in final


def test_a_call_without_an_attempt_has_no_request_facts() -> None:
    event = call(attempts=0, status=None, error=ConnectionLostError("x"))

    assert {"UserAgent", "Region", "FinalHttpStatusCode"}.isdisjoint(event)
    assert 0 == event["AttemptCount"]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("x-amzn-requestid", "XAmznRequestId"),
        ("x-amz-request-id", "XAmzRequestId"),
        ("x-amz-id-2", "XAmzId2"),
    ],
)
def test_request_ids_are_reported(header: str, key: str) -> None:
    assert "an-id" == attempt(response_headers={header: "an-id"})[key]


def test_long_texts_are_cut() -> None:
    error = UnknownServiceError("m" * 600, code="c" * 200)

    event = attempt(request_headers={"user-agent": "u" * 300}, error=error)

    assert ("u" * 256, "c" * 128, "m" * 512) == (
        event["UserAgent"],
        event["AwsException"],
        event["AwsExceptionMessage"],
    )


def test_an_event_that_exceeds_a_datagram_is_dropped() -> None:
    smallest = MonitoredAttempt(
        started_at=0.0,
        duration=0.0,
        host="",
        request_headers={},
        status=None,
        response_headers={"x-amz-id-2": ""},
        error=None,
    )
    empty = attempt_datagram(CLIENT, "InvokeEndpoint", smallest)
    assert empty is not None
    room = 8 * 1024 - len(empty)

    event = [
        attempt_datagram(
            CLIENT,
            "InvokeEndpoint",
            MonitoredAttempt(
                started_at=0.0,
                duration=0.0,
                host="",
                request_headers={},
                status=None,
                response_headers={"x-amz-id-2": "i" * size},
                error=None,
            ),
        )
        for size in (room, room + 1)
    ]

    assert [8192, None] == [datagram and len(datagram) for datagram in event]
