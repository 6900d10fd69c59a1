"""Error responses of S3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import S3Error
from sagemaker_rt.http import Headers
from sagemaker_rt.sansio.s3_errors import is_wrong_region, region_of, s3_error

BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
    b"<Message>The key &lt;a&gt; does not\nexist.</Message><Key>a</Key>"
    b"<RequestId>R1</RequestId><HostId>h+/=</HostId></Error>"
)


def error(
    status: int = 400, body: bytes = b"", headers: dict[str, str] | None = None
) -> S3Error:
    return s3_error(status, Headers(headers or {}), body)


def test_an_error_has_the_facts_of_its_document() -> None:
    failure = error(404, BODY, {"x-amz-request-id": "R1"})

    assert ("NoSuchKey", 404, "R1", "h+/=", None) == (
        failure.code,
        failure.http_status,
        failure.request_id,
        failure.host_id,
        failure.region,
    )
    assert r"The key <a> does not\nexist." == failure.message
    assert BODY == failure.body


def test_a_session_token_is_not_in_the_message() -> None:
    body = b"<Message>x-amz-security-token:secret</Message>"

    assert "secret" not in str(error(403, body))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "NotFound"),
        (403, "Forbidden"),
        (301, "MovedPermanently"),
        (599, "Unknown"),
    ],
)
def test_the_code_of_a_response_without_a_document_follows_from_its_status(
    status: int, code: str
) -> None:
    assert code == error(status).code


@pytest.mark.parametrize(
    ("headers", "body", "region"),
    [
        ({"x-amz-bucket-region": "eu-west-1"}, b"", "eu-west-1"),
        ({}, b"<Region>eu-west-2</Region>", "eu-west-2"),
        (
            {"x-amz-bucket-region": "eu-west-1"},
            b"<Region>eu-west-2</Region>",
            "eu-west-1",
        ),
        ({"x-amz-bucket-region": "evil.example/"}, b"", None),
        ({}, b"<Region>evil.example/</Region>", None),
        ({}, b"", None),
    ],
)
def test_the_region_is_that_of_the_header_or_the_document(
    headers: dict[str, str], body: bytes, region: str | None
) -> None:
    assert region == error(400, body, headers).region


def test_a_successful_response_names_the_region_as_well() -> None:
    headers = Headers({"x-amz-bucket-region": "eu-west-1"})

    assert "eu-west-1" == region_of(headers)


@pytest.mark.parametrize(
    ("status", "code", "is_head", "expected"),
    [
        (400, "AuthorizationHeaderMalformed", False, True),
        (301, "PermanentRedirect", False, True),
        (307, "TemporaryRedirect", False, True),
        (400, "IllegalLocationConstraintException", False, True),
        (302, "Found", False, True),
        (400, "BadRequest", True, True),
        (400, "BadRequest", False, False),
        (403, "AccessDenied", True, False),
        (404, "NoSuchBucket", False, False),
    ],
)
def test_some_errors_may_be_due_to_the_region(
    status: int, code: str, *, is_head: bool, expected: bool
) -> None:
    failure = error(status, f"<Code>{code}</Code>".encode())

    assert expected == is_wrong_region(failure, is_head=is_head)


def test_slow_down_is_throttling() -> None:
    failure = error(503, b"<Code>SlowDown</Code>")

    assert failure.is_throttle
    assert failure.is_retryable


def test_expired_credentials_are_rejected_credentials() -> None:
    assert error(400, b"<Code>ExpiredToken</Code>").rejects_credentials


@given(st.binary(max_size=200), st.integers(100, 999))
def test_no_body_raises_another_error(body: bytes, status: int) -> None:
    assert status == error(status, body).http_status
