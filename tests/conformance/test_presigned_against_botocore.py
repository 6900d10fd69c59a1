"""Presigned URLs, compared with those of botocore at the same second."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.client import Client
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.presign import generate_bearer_token, presign
from sagemaker_rt.sansio.sigv4 import amz_date
from tests.conformance.test_signatures_against_botocore import (
    credentials,
    headers,
    paths,
    times,
    urls,
)

REGION = "eu-west-1"


class QueryAtATime(SigV4QueryAuth):  # type: ignore[misc] # botocore has no types
    """The presigner of botocore, with a fixed time, and the body not in the query."""

    signing_time = 0.0
    body = b""

    def _modify_request_before_signing(self, request: Any) -> None:
        request.context["timestamp"] = amz_date(self.signing_time)
        super()._modify_request_before_signing(request)

    def payload(self, request: Any) -> str:
        # botocore would parse the body as members of the query
        return sha256(self.body).hexdigest()


def presigned_by_botocore(
    request: Request, credentials: Credentials, at: float, expires: int
) -> str:
    keys = BotocoreCredentials(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
    )
    auth = QueryAtATime(keys, "sagemaker", REGION, expires)
    auth.signing_time = at
    assert isinstance(request.body, bytes)
    auth.body = request.body
    aws_request = AWSRequest(request.method, request.url, headers=request.headers)
    auth.add_auth(aws_request)
    return str(aws_request.url)


def queries() -> st.SearchStrategy[str]:
    """Return queries in the encoding of botocore, which parses and rewrites them."""
    words = st.text(min_size=1, max_size=5).map(lambda text: quote(text, safe="-._~"))
    pairs = st.dictionaries(words, words, max_size=3)
    return pairs.map(lambda query: "&".join(f"{n}={v}" for n, v in query.items()))


def requests() -> st.SearchStrategy[Request]:
    return st.builds(
        Request,
        method=st.sampled_from(["POST", "GET", "post"]),
        path=paths(),
        query=queries(),
        headers=headers().map(Headers),
        body=st.binary(max_size=20),
        endpoint=urls().map(Endpoint),
    )


@given(
    request=requests(),
    credentials=credentials(),
    at=times,
    expires=st.integers(1, 604_800),
)
def test_a_url_is_that_of_botocore(
    request: Request, credentials: Credentials, at: float, expires: int
) -> None:
    expected = presigned_by_botocore(request, credentials, at, expires)

    actual = presign(
        request,
        credentials,
        service="sagemaker",
        region=REGION,
        signing_time=at,
        expires=expires,
    )

    assert expected == actual


@given(credentials=credentials(), at=times, expires=st.integers(1, 43_200))
def test_a_bearer_token_is_the_presigned_url_of_botocore(
    credentials: Credentials, at: float, expires: int
) -> None:
    host = "sagemaker.amazonaws.com"
    action = Request(
        query="Action=CallWithBearerToken",
        headers=Headers({"host": host}),
        endpoint=Endpoint(f"https://{host}"),
    )
    expected = presigned_by_botocore(action, credentials, at, expires)

    actual = generate_bearer_token(
        credentials, region=REGION, signing_time=at, expires=expires
    )

    text = b64decode(actual.token.removeprefix("sagemaker-api-key-")).decode()
    assert f"{expected.removeprefix('https://')}&Version=1" == text


@pytest.mark.parametrize("token", [None, "a/token="])
async def test_a_presigned_call_is_that_of_boto3(token: str | None) -> None:
    """The body is empty, because boto3 would put its members into the query."""
    expected = boto3.client(
        "sagemaker-runtime",
        region_name=REGION,
        aws_access_key_id="AKID",
        aws_secret_access_key="shh",
        aws_session_token=token,
    ).generate_presigned_url(
        "invoke_endpoint",
        Params={
            "EndpointName": "m",
            "Body": b"",
            "ContentType": "text/csv",
            "TargetVariant": "v",
        },
        ExpiresIn=60,
    )
    (date,) = parse_qs(urlsplit(expected).query)["X-Amz-Date"]
    at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    client = Client(
        Options(
            region=REGION,
            credentials=Credentials("AKID", "shh", token),
            environ={},
            clock=at.timestamp,
        )
    )

    request = client.request(
        "invoke_endpoint",
        endpoint_name="m",
        body=b"",
        content_type="text/csv",
        target_variant="v",
    )

    assert expected == await request.presign(expires=60)
