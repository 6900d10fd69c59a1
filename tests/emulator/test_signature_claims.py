from __future__ import annotations

from base64 import b64encode

import pytest

from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.signature_claims import (
    claim_in_headers,
    claim_in_query,
    request_in_token,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.authorization_header import AuthorizationError
from sagemaker_rt.sansio.presign import generate_bearer_token, presign

KEYS = Credentials("AKID", "a-secret", "a+token/=")
NOON = 1_440_938_160.0
URL = presign(
    Request(path="/endpoints/m/invocations", endpoint=Endpoint("https://a.example")),
    KEYS,
    service="sagemaker",
    region="us-east-1",
    signing_time=NOON,
    expires=60,
)


def received(*, query: str = "", **headers: str) -> ReceivedRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ReceivedRequest(
        operation="InvokeEndpoint",
        query=query,
        headers=named,
        body=b"",
        body_length=0,
    )


def test_a_presigned_request_claims_by_its_query() -> None:
    claim = claim_in_query(received(query=URL.partition("?")[2]))

    assert claim is not None
    assert claim.authorization.access_key_id == "AKID"
    assert claim.authorization.signature == URL[-64:]
    assert (claim.date, claim.expires) == ("20150830T123600Z", 60)
    assert claim.session_token == "a+token/="
    assert "Signature=" not in claim.query
    assert "a+token" not in repr(claim)


def test_the_signature_may_be_at_any_place_of_the_query() -> None:
    query, _, signature = URL.partition("?")[2].rpartition("&")
    first, _, rest = query.partition("&")

    for moved in (f"{signature}&{query}", f"{first}&{signature}&{rest}"):
        claim = claim_in_query(received(query=moved))

        assert claim is not None
        assert claim.query == query


def test_a_shorter_time_may_be_required() -> None:
    request = received(query=URL.partition("?")[2])

    assert claim_in_query(request, max_expires=60) is not None
    with pytest.raises(AuthorizationError, match="59"):
        claim_in_query(request, max_expires=59)


def test_another_request_has_no_claim_in_its_query() -> None:
    assert claim_in_query(received(query="a=b")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=0"),
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=x"),
        ("X-Amz-Expires=60", "a=b"),
        ("X-Amz-Credential=", "b="),
        ("X-Amz-SignedHeaders=", "b="),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
    ],
)
def test_an_invalid_query_is_refused(old: str, new: str) -> None:
    query = URL.partition("?")[2]
    assert old in query

    with pytest.raises(AuthorizationError):
        claim_in_query(received(query=query.replace(old, new)))


def test_headers_claim_too() -> None:
    value = (
        "AWS4-HMAC-SHA256 Credential=AKID/20150830/us-east-1/sagemaker/aws4_request, "
        f"SignedHeaders=host, Signature={'0' * 64}"
    )
    request = received(
        authorization=value, x_amz_date="20150830T123600Z", x_amz_security_token="t"
    )

    claim = claim_in_headers(request)

    assert (claim.date, claim.session_token, claim.expires) == (
        "20150830T123600Z",
        "t",
        None,
    )
    with pytest.raises(AuthorizationError):
        claim_in_headers(received(authorization="Basic x"))


def test_a_token_has_a_presigned_request() -> None:
    token = generate_bearer_token(KEYS, region="us-east-1", signing_time=NOON)

    found = request_in_token(received(authorization=f"Bearer {token.token}"))

    assert found is not None
    assert found.headers == {"host": "sagemaker.amazonaws.com"}
    assert claim_in_query(found) is not None
    assert request_in_token(received(authorization="AWS4-HMAC-SHA256 x")) is None
    assert request_in_token(received()) is None


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "sagemaker-api-key-",
        "sagemaker-api-key-====",
        "sagemaker-api-key-" + b64encode(b"\xff/?a").decode(),
        "sagemaker-api-key-" + b64encode(b"a.example/?a=b").decode(),
        "sagemaker-api-key-"
        + b64encode(b"a.example/?Action=CallWithBearerToken").decode(),
    ],
)
def test_another_token_is_refused(token: str) -> None:
    with pytest.raises(AuthorizationError, match="API key"):
        request_in_token(received(authorization=f"Bearer {token}"))
