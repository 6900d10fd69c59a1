from __future__ import annotations

import io
import sys
import time
from hashlib import sha256

import pytest
from aws_requests_auth.aws_auth import AWSRequestsAuth
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import (
    CredentialsError,
    EndpointResolutionError,
    OptionsError,
    SerializationError,
)
from sagemaker_rt.http import Endpoint, FileBody, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio import sigv4
from sagemaker_rt.sansio.authorization_header import (
    Authorization,
    parse_authorization,
)
from sagemaker_rt.signers.requests_auth import PreparedRequest, RequestsAuthSigner

# aws-requests-auth calls datetime.utcnow, which is deprecated
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utcnow:DeprecationWarning"
)

HOST = "runtime.sagemaker.eu-west-1.amazonaws.com"
CREDENTIALS = Credentials("AKID", "shh")
TEMPORARY = Credentials("ASIA", "hush", "a-token")


def request(url: str = f"https://{HOST}", body: bytes = b"abc") -> Request:
    return Request(
        path="/endpoints/m/invocations",
        headers=Headers({"X-Amzn-SageMaker-Target-Variant": "v1"}),
        body=body,
        endpoint=Endpoint(url),
    )


async def sign(
    signer: RequestsAuthSigner,
    unsigned: Request,
    credentials: Credentials = CREDENTIALS,
) -> Authorization:
    """Sign *unsigned*, and return its parsed Authorization header."""
    await signer.sign(
        unsigned, credentials, service="sagemaker", region="eu-west-1", signing_time=0.0
    )
    return parse_authorization(unsigned.headers["authorization"])


def expected_signature(signed: Request, secret: str, *, body: bytes = b"abc") -> str:
    """Return the signature of *signed*, computed by the public functions."""
    assert signed.endpoint is not None
    authorization = parse_authorization(signed.headers["authorization"])
    canonical = sigv4.canonical_request(
        method=signed.method,
        path=signed.full_path,
        query=signed.query,
        headers={"host": signed.endpoint.host, **signed.headers},
        signed_headers=authorization.signed_headers,
        payload_hash=sha256(body).hexdigest(),
    )
    scope = {"region": authorization.region, "service": authorization.service}
    date = signed.headers["x-amz-date"]
    text = sigv4.string_to_sign(canonical, amz_date=date, **scope)
    key = sigv4.signing_key(secret, date=authorization.date, **scope)
    return sigv4.signature(key, text)


class Broken:
    """An ``AWSRequestsAuth`` that raises an exception."""

    aws_host = HOST

    def __call__(self, r: PreparedRequest) -> None:
        raise LookupError(r.url)


async def test_only_host_and_date_are_signed() -> None:
    signed = request()

    authorization = await sign(RequestsAuthSigner(), signed)

    assert ("host", "x-amz-date") == authorization.signed_headers
    assert ("AKID", "eu-west-1", "sagemaker") == (
        authorization.access_key_id,
        authorization.region,
        authorization.service,
    )
    assert expected_signature(signed, "shh") == authorization.signature


async def test_a_session_token_is_sent_and_signed() -> None:
    signed = request()

    authorization = await sign(RequestsAuthSigner(), signed, TEMPORARY)

    assert "a-token" == signed.headers["x-amz-security-token"]
    assert (
        "host",
        "x-amz-date",
        "x-amz-security-token",
    ) == authorization.signed_headers
    assert expected_signature(signed, "hush") == authorization.signature


async def test_a_given_auth_signs_with_its_own_parameters() -> None:
    auth = AWSRequestsAuth("KEPT", "kept-secret", HOST, "us-east-2", "other", "kept")
    signed = request()

    authorization = await sign(RequestsAuthSigner(auth), signed)

    assert ("KEPT", "us-east-2", "other") == (
        authorization.access_key_id,
        authorization.region,
        authorization.service,
    )
    assert "kept" == signed.headers["x-amz-security-token"]
    assert expected_signature(signed, "kept-secret") == authorization.signature


async def test_an_auth_for_another_host_is_rejected() -> None:
    auth = AWSRequestsAuth("AKID", "shh", "search.example", "eu-west-1", "sagemaker")
    unsigned = request()

    with pytest.raises(OptionsError, match=r"search\.example"):
        await sign(RequestsAuthSigner(auth), unsigned)

    assert "authorization" not in unsigned.headers


async def test_a_host_header_of_the_request_is_signed() -> None:
    signed = request()
    signed.headers["Host"] = "other.example"

    authorization = await sign(RequestsAuthSigner(), signed)

    assert expected_signature(signed, "shh") == authorization.signature


async def test_the_token_of_other_credentials_is_removed() -> None:
    signed = request()
    await sign(RequestsAuthSigner(), signed, TEMPORARY)

    await sign(RequestsAuthSigner(), signed)

    assert "x-amz-security-token" not in signed.headers


async def test_the_date_is_that_of_the_system_clock() -> None:
    signed = request()

    before = sigv4.amz_date(time.time())
    await sign(RequestsAuthSigner(), signed)
    after = sigv4.amz_date(time.time())

    assert before <= signed.headers["x-amz-date"] <= after


async def test_a_payload_hash_is_sent_unsigned() -> None:
    signed = request()

    authorization = await sign(RequestsAuthSigner(), signed)

    expected = sha256(b"abc").hexdigest()
    assert expected == signed.headers["x-amz-content-sha256"]
    assert "x-amz-content-sha256" not in authorization.signed_headers


async def test_other_headers_do_not_change() -> None:
    signed = request()

    await sign(RequestsAuthSigner(), signed)

    assert "v1" == signed.headers["x-amzn-sagemaker-target-variant"]


async def test_a_file_is_read_and_signed() -> None:
    signed = request()
    signed.body = FileBody(io.BytesIO(b"a file"))

    authorization = await sign(RequestsAuthSigner(), signed)

    assert expected_signature(signed, "shh", body=b"a file") == authorization.signature


async def test_a_file_that_has_become_shorter_is_rejected() -> None:
    file = io.BytesIO(b"a file")
    unsigned = request()
    unsigned.body = FileBody(file)
    file.truncate(2)

    with pytest.raises(SerializationError) as caught:
        await sign(RequestsAuthSigner(), unsigned)

    assert isinstance(caught.value.__cause__, OSError)


async def test_an_exception_of_an_auth_is_wrapped() -> None:
    with pytest.raises(CredentialsError) as caught:
        await sign(RequestsAuthSigner(Broken()), request())

    assert isinstance(caught.value.__cause__, LookupError)


async def test_a_request_without_an_endpoint_is_rejected() -> None:
    with pytest.raises(EndpointResolutionError):
        await sign(RequestsAuthSigner(), Request())


def test_without_the_library_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aws_requests_auth.aws_auth", None)

    with pytest.raises(OptionsError, match=r"sagemaker-rt\[requests-auth\]"):
        RequestsAuthSigner()


def test_a_given_auth_needs_no_import_of_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aws_requests_auth.aws_auth", None)

    assert isinstance(RequestsAuthSigner(Broken()), RequestsAuthSigner)


def test_the_repr_of_a_prepared_request_hides_body_and_signature() -> None:
    prepared = PreparedRequest("POST", "https://h/", b"secret", {"a": "secret"})

    assert "secret" not in repr(prepared)


@given(
    name=st.from_regex(r"[a-zA-Z0-9](-?[a-zA-Z0-9]){0,8}", fullmatch=True),
    authority=st.sampled_from(["h.example", "h.example:443", "h.example:8443"]),
    prefix=st.sampled_from(["", "/prefix", "/a%20b/c~d"]),
    query=st.sampled_from(["", "b=2&a=1", "flag=", "x=%2F"]),
    body=st.binary(max_size=9),
    token=st.none() | st.from_regex(r"[a-zA-Z0-9+/]{1,20}={0,2}", fullmatch=True),
)
async def test_signatures_agree_with_the_public_functions(  # noqa: PLR0913 - drawn values
    *,
    name: str,
    authority: str,
    prefix: str,
    query: str,
    body: bytes,
    token: str | None,
) -> None:
    signed = request(f"https://{authority}{prefix}", body)
    signed.path, signed.query = f"/endpoints/{name}/invocations", query

    authorization = await sign(
        RequestsAuthSigner(), signed, Credentials("AKID", "shh", token)
    )

    assert expected_signature(signed, "shh", body=body) == authorization.signature
