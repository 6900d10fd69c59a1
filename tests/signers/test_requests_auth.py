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

# the library reads its clock in a way that newer Pythons warn of
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
    """Sign *unsigned*, and return what its Authorization header says."""
    await signer.sign(
        unsigned, credentials, service="sagemaker", region="eu-west-1", signing_time=0.0
    )
    return parse_authorization(unsigned.headers["authorization"])


def right_signature(signed: Request, secret: str, *, body: bytes = b"abc") -> str:
    """Return the signature that *signed* should have, by the readable parts."""
    assert signed.endpoint is not None
    said = parse_authorization(signed.headers["authorization"])
    canonical = sigv4.canonical_request(
        method=signed.method,
        path=signed.full_path,
        query=signed.query,
        headers={"host": signed.endpoint.host, **signed.headers},
        signed_headers=said.signed_headers,
        payload_hash=sha256(body).hexdigest(),
    )
    where = {"region": said.region, "service": said.service}
    date = signed.headers["x-amz-date"]
    text = sigv4.string_to_sign(canonical, amz_date=date, **where)
    key = sigv4.signing_key(secret, date=said.date, **where)
    return sigv4.signature(key, text)


class Broken:
    """An object that cannot sign."""

    aws_host = HOST

    def __call__(self, r: PreparedRequest) -> None:
        raise LookupError(r.url)


async def test_host_and_date_are_signed_and_nothing_else_is() -> None:
    signed = request()

    said = await sign(RequestsAuthSigner(), signed)

    assert ("host", "x-amz-date") == said.signed_headers
    assert ("AKID", "eu-west-1", "sagemaker") == (
        said.access_key_id,
        said.region,
        said.service,
    )
    assert right_signature(signed, "shh") == said.signature


async def test_a_session_token_is_sent_and_signed() -> None:
    signed = request()

    said = await sign(RequestsAuthSigner(), signed, TEMPORARY)

    assert "a-token" == signed.headers["x-amz-security-token"]
    assert ("host", "x-amz-date", "x-amz-security-token") == said.signed_headers
    assert right_signature(signed, "hush") == said.signature


async def test_an_object_signs_with_what_it_was_made_with() -> None:
    auth = AWSRequestsAuth("KEPT", "kept-secret", HOST, "us-east-2", "other", "kept")
    signed = request()

    said = await sign(RequestsAuthSigner(auth), signed)

    assert ("KEPT", "us-east-2", "other") == (
        said.access_key_id,
        said.region,
        said.service,
    )
    assert "kept" == signed.headers["x-amz-security-token"]
    assert right_signature(signed, "kept-secret") == said.signature


async def test_an_object_for_another_host_is_refused() -> None:
    auth = AWSRequestsAuth("AKID", "shh", "search.example", "eu-west-1", "sagemaker")
    unsigned = request()

    with pytest.raises(OptionsError) as caught:
        await sign(RequestsAuthSigner(auth), unsigned)

    expected = f"the AWSRequestsAuth is for host 'search.example', not '{HOST}'"
    assert expected == str(caught.value)
    assert "authorization" not in unsigned.headers


async def test_a_host_header_of_the_caller_is_what_is_signed() -> None:
    signed = request()
    signed.headers["Host"] = "other.example"

    said = await sign(RequestsAuthSigner(), signed)

    assert right_signature(signed, "shh") == said.signature


async def test_a_token_of_other_credentials_is_taken_out() -> None:
    signed = request()
    await sign(RequestsAuthSigner(), signed, TEMPORARY)

    await sign(RequestsAuthSigner(), signed)

    assert "x-amz-security-token" not in signed.headers


async def test_the_date_is_the_systems_and_not_the_one_that_was_asked_for() -> None:
    signed = request()

    before = sigv4.amz_date(time.time())
    await sign(RequestsAuthSigner(), signed)
    after = sigv4.amz_date(time.time())

    assert before <= signed.headers["x-amz-date"] <= after


async def test_a_payload_hash_is_sent_unsigned() -> None:
    signed = request()

    said = await sign(RequestsAuthSigner(), signed)

    expected = sha256(b"abc").hexdigest()
    assert expected == signed.headers["x-amz-content-sha256"]
    assert "x-amz-content-sha256" not in said.signed_headers


async def test_the_other_headers_stay_as_they_are() -> None:
    signed = request()

    await sign(RequestsAuthSigner(), signed)

    assert "v1" == signed.headers["x-amzn-sagemaker-target-variant"]


async def test_a_file_is_read_and_signed() -> None:
    signed = request()
    signed.body = FileBody(io.BytesIO(b"a file"))

    said = await sign(RequestsAuthSigner(), signed)

    assert right_signature(signed, "shh", body=b"a file") == said.signature


async def test_a_file_that_has_become_shorter_is_refused() -> None:
    file = io.BytesIO(b"a file")
    unsigned = request()
    unsigned.body = FileBody(file)
    file.truncate(2)

    with pytest.raises(SerializationError) as caught:
        await sign(RequestsAuthSigner(), unsigned)

    expected = (
        "the file of the body cannot be read: "
        "the body's file ended 4 bytes before its end"
    )
    assert expected == str(caught.value)


async def test_an_object_that_fails_is_named_with_its_error_as_the_cause() -> None:
    with pytest.raises(CredentialsError) as caught:
        await sign(RequestsAuthSigner(Broken()), request())

    assert "the AWSRequestsAuth failed with LookupError" == str(caught.value)
    assert isinstance(caught.value.__cause__, LookupError)


async def test_a_request_without_endpoint_is_refused() -> None:
    with pytest.raises(EndpointResolutionError) as caught:
        await sign(RequestsAuthSigner(), Request())

    assert "the request has no endpoint to be signed for" == str(caught.value)


def test_without_the_library_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aws_requests_auth.aws_auth", None)

    with pytest.raises(OptionsError) as caught:
        RequestsAuthSigner()

    expected = (
        "RequestsAuthSigner() needs aws-requests-auth: "
        "pip install 'sagemaker-rt[requests-auth]'"
    )
    assert expected == str(caught.value)


def test_an_object_is_taken_without_looking_for_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "aws_requests_auth.aws_auth", None)

    assert isinstance(RequestsAuthSigner(Broken()), RequestsAuthSigner)


def test_a_prepared_request_shows_neither_body_nor_signature() -> None:
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
async def test_whatever_is_signed_verifies_by_the_readable_parts(  # noqa: PLR0913 - what is drawn
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

    said = await sign(RequestsAuthSigner(), signed, Credentials("AKID", "shh", token))

    assert right_signature(signed, "shh", body=body) == said.signature
