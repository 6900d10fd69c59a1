from __future__ import annotations

import io
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import pytest

from sagemaker_rt.errors import (
    EndpointResolutionError,
    ParamValidationError,
    SerializationError,
)
from sagemaker_rt.http import Endpoint, FileBody, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.presign import generate_bearer_token, presign
from sagemaker_rt.sansio.sigv4 import (
    canonical_request,
    signature,
    signing_key,
    string_to_sign,
)

CREDENTIALS = Credentials("AKID", "shh")
TEMPORARY = Credentials("ASIA", "hush", "a/token=")
NOON = 1_440_938_160.0
SERVICE = "sagemaker"


def request(query: str = "") -> Request:
    return Request(
        path="/endpoints/m/invocations",
        query=query,
        headers=Headers({"Content-Type": "text/plain", "User-Agent": "x"}),
        body=b"abc",
        endpoint=Endpoint("https://example.com/prefix"),
    )


def presigned(
    unsigned: Request, credentials: Credentials = CREDENTIALS, *, expires: int = 900
) -> str:
    return presign(
        unsigned,
        credentials,
        service=SERVICE,
        region="eu-west-1",
        signing_time=NOON,
        expires=expires,
    )


def token_of(*, credentials: Credentials = CREDENTIALS, expires: int = 43200) -> str:
    token = generate_bearer_token(
        credentials, region="eu-west-1", signing_time=NOON, expires=expires
    )
    return token.token


def test_the_parameters_of_the_query() -> None:
    url = presigned(request(), TEMPORARY, expires=60)

    pairs = parse_qsl(urlsplit(url).query)
    assert url.startswith("https://example.com/prefix/endpoints/m/invocations?")
    assert [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Amz-Credential", "ASIA/20150830/eu-west-1/sagemaker/aws4_request"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("X-Amz-Expires", "60"),
        ("X-Amz-SignedHeaders", "content-type;host"),
        ("X-Amz-Security-Token", "a/token="),
    ] == pairs[:-1]
    assert pairs[-1][0] == "X-Amz-Signature"


def test_the_signature_can_be_verified() -> None:
    url = urlsplit(presigned(request("b=2&a=1")))
    query, _, signed = url.query.rpartition("&X-Amz-Signature=")

    canonical = canonical_request(
        method="POST",
        path=url.path,
        query=query,
        headers={"host": url.netloc, "content-type": "text/plain"},
        signed_headers=["content-type", "host"],
        payload_hash=sha256(b"abc").hexdigest(),
    )
    key = signing_key("shh", date="20150830", region="eu-west-1", service=SERVICE)
    text = string_to_sign(
        canonical, amz_date="20150830T123600Z", region="eu-west-1", service=SERVICE
    )

    assert query.startswith("b=2&a=1&X-Amz-Algorithm=")
    assert signature(key, text) == signed


def test_the_request_is_not_changed() -> None:
    unsigned = request()

    presigned(unsigned, TEMPORARY)

    assert request().headers == unsigned.headers
    assert (request().query, None) == (unsigned.query, unsigned.payload_hash)


def test_the_payload_hash_of_the_request_is_used() -> None:
    known, file = request(), request()
    known.payload_hash = file.payload_hash = "0f" * 32
    file.body = FileBody(io.BytesIO(b"abc"))

    assert presigned(known) == presigned(file)
    assert presigned(known) != presigned(request())


def test_a_file_without_a_payload_hash_is_rejected() -> None:
    unsigned = request()
    unsigned.body = FileBody(io.BytesIO(b"abc"))

    with pytest.raises(SerializationError, match="ComputePayloadHash"):
        presigned(unsigned)


def test_a_request_without_an_endpoint_is_rejected() -> None:
    with pytest.raises(EndpointResolutionError, match="no endpoint"):
        presigned(Request())


@pytest.mark.parametrize("expires", [0, -1, 604_801, True, 1.5])
def test_a_url_is_valid_for_a_second_to_a_week(expires: int) -> None:
    with pytest.raises(ParamValidationError, match="604800") as caught:
        presigned(request(), expires=expires)

    assert repr(expires) in str(caught.value)
    assert "&X-Amz-Expires=604800&" in presigned(request(), expires=604_800)


def test_a_bearer_token_is_a_presigned_request() -> None:
    token = token_of(credentials=TEMPORARY, expires=600)

    prefix, text = token[:18], b64decode(token[18:]).decode()
    assert prefix == "sagemaker-api-key-"
    assert text.startswith(
        "sagemaker.amazonaws.com/?Action=CallWithBearerToken"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=ASIA%2F20150830%2Feu-west-1%2Fsagemaker%2Faws4_request"
        "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=a%2Ftoken%3D&X-Amz-Signature="
    )
    assert text.endswith("&Version=1")


def test_a_bearer_token_of_a_fips_region_is_signed_for_the_region() -> None:
    token = generate_bearer_token(
        CREDENTIALS, region="fips-eu-west-1", signing_time=NOON
    )

    assert token_of() == token.token


@pytest.mark.parametrize("expires", [0, 43_201, True])
def test_a_bearer_token_is_valid_for_a_second_to_twelve_hours(expires: int) -> None:
    with pytest.raises(ParamValidationError, match="43200"):
        token_of(expires=expires)


def test_a_bearer_token_needs_a_region() -> None:
    with pytest.raises(EndpointResolutionError, match="host label"):
        generate_bearer_token(CREDENTIALS, region="", signing_time=NOON)


@pytest.mark.parametrize(
    ("credentials_left", "token_left"), [(None, 600), (599, 599), (601, 600)]
)
def test_a_bearer_token_expires_with_its_credentials(
    credentials_left: int | None, token_left: int
) -> None:
    now = datetime.fromtimestamp(NOON, UTC)
    end = None
    if credentials_left is not None:
        end = now + timedelta(seconds=credentials_left)
    credentials = Credentials("ASIA", "hush", "a-token", expires_at=end)

    token = generate_bearer_token(
        credentials, region="eu-west-1", signing_time=NOON, expires=600
    )

    assert now + timedelta(seconds=token_left) == token.expires_at
