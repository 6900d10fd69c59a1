"""Signatures, compared with those of botocore at the same second."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from botocore.auth import SIGNED_HEADERS_BLACKLIST, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.context import Context
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.identity import Credentials
from sagemaker_rt.middleware.unsigned_payload import UnsignedPayload
from sagemaker_rt.sansio.sigv4 import UNSIGNED_HEADERS, SigV4, amz_date
from sagemaker_rt.stack import FinalizeInput
from tests.doubles import Wire

REGION = "eu-west-1"
SIGV4 = SigV4()  # one for all examples, so that its caches are used


class SigV4AtATime(SigV4Auth):  # type: ignore[misc] # botocore has no types
    """The signer of botocore, with a fixed time."""

    signing_time = 0.0

    def _modify_request_before_signing(self, request: Any) -> None:
        # is called after botocore has read the clock, and before it uses the time
        request.context["timestamp"] = amz_date(self.signing_time)
        super()._modify_request_before_signing(request)


class S3AtATime(SigV4AtATime, S3SigV4Auth):  # type: ignore[misc] # botocore has no types
    """The S3 signer of botocore, with a fixed time."""


def signed_by_botocore(
    request: Request,
    credentials: Credentials,
    at: float,
    *,
    service: str = "sagemaker",
    is_signed: bool = True,
) -> dict[str, str]:
    """Return the headers of *request*, signed by botocore with or without the body."""
    keys = BotocoreCredentials(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
    )
    auth = (S3AtATime if service == "s3" else SigV4AtATime)(keys, service, REGION)
    auth.signing_time = at
    aws_request = AWSRequest(
        request.method, request.url, headers=request.headers, data=request.body
    )
    aws_request.context["payload_signing_enabled"] = is_signed
    auth.add_auth(aws_request)
    return {name.lower(): value for name, value in aws_request.headers.items()}


def signed(
    request: Request,
    credentials: Credentials,
    at: float,
    *,
    service: str = "sagemaker",
) -> dict[str, str]:
    """Return the headers of *request*, signed by `SigV4`."""
    SIGV4.sign(request, credentials, service=service, region=REGION, signing_time=at)
    return dict(request.headers)


def urls() -> st.SearchStrategy[str]:
    """Return endpoint URLs with and without a port, and with all kinds of prefixes."""
    hosts = st.sampled_from(
        ["runtime.sagemaker.eu-west-1.amazonaws.com", "LOCALHOST", "[::1]", "10.0.0.1"]
    )
    ports = st.sampled_from(["", ":80", ":443", ":8080"])
    segments = st.sampled_from(["a", "B~c", "x%20y", "%E1%88%B4", ".", "..", "", "d:e"])
    prefixes = st.lists(segments, max_size=4).map(
        lambda parts: "".join(f"/{part}" for part in parts)
    )
    return st.builds(
        "{}://{}{}{}".format, st.sampled_from(["http", "https"]), hosts, ports, prefixes
    )


def paths() -> st.SearchStrategy[str]:
    """Return paths of the operations with valid and invalid endpoint names."""
    names = st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,8}", fullmatch=True)
    others = st.text(max_size=5).map(lambda text: quote(text, safe=""))
    ends = ["invocations", "async-invocations", "invocations-response-stream"]
    return st.builds("/endpoints/{}/{}".format, names | others, st.sampled_from(ends))


def queries() -> st.SearchStrategy[str]:
    return st.from_regex(r"[a-c=&%\-._~0-9]{0,14}", fullmatch=True)


def headers() -> st.SearchStrategy[dict[str, str]]:
    """Return headers of calls and others, with any white space in their values."""
    modelled = [
        "content-type",
        "accept",
        "x-amzn-sagemaker-custom-attributes",
        "x-amzn-sagemaker-target-variant",
        "x-amzn-sagemaker-inference-id",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        *SIGNED_HEADERS_BLACKLIST,
    ]
    others = st.from_regex(r"x-[a-z0-9!#$%&'*+.^_`|~\-]{1,9}", fullmatch=True)
    # botocore also collapses white space outside ASCII, and U+001C to U+001F, and then
    # sends other bytes than it has signed
    is_collapsed = "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    is_collapsed += "".join(map(chr, range(0x2000, 0x200B)))
    values = st.text(
        st.characters(codec="utf-8", exclude_characters=f"\r\n{is_collapsed}")
    )
    spaced = st.from_regex(r"[ \ta-c;=,]{0,20}", fullmatch=True)
    return st.dictionaries(st.sampled_from(modelled) | others, values | spaced)


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


def credentials() -> st.SearchStrategy[Credentials]:
    tokens = st.none() | st.from_regex(r"[a-zA-Z0-9+/]{1,40}={0,2}", fullmatch=True)
    ids = st.from_regex(r"A[KS]IA[A-Z0-9]{4}", fullmatch=True)
    return st.builds(Credentials, ids, st.text(min_size=1), tokens)


times = st.floats(1e9, 4e9)


@given(
    request=requests(),
    credentials=credentials(),
    at=times,
    service=st.sampled_from(["sagemaker", "execute-api"]),
)
def test_a_signature_is_that_of_botocore(
    request: Request, credentials: Credentials, at: float, service: str
) -> None:
    expected = signed_by_botocore(request, credentials, at, service=service)

    actual = signed(request, credentials, at, service=service)

    assert expected == actual


@given(request=requests(), credentials=credentials(), at=times)
def test_a_signature_for_s3_is_that_of_botocore(
    request: Request, credentials: Credentials, at: float
) -> None:
    expected = signed_by_botocore(request, credentials, at, service="s3")

    # botocore writes this header; SigV4 leaves it to the caller
    request.headers["x-amz-content-sha256"] = expected["x-amz-content-sha256"]
    actual = signed(request, credentials, at, service="s3")

    assert expected == actual


@given(request=requests(), credentials=credentials(), at=times)
async def test_a_signature_without_the_body_is_that_of_botocore(
    request: Request, credentials: Credentials, at: float
) -> None:
    request.endpoint = Endpoint("https://runtime.sagemaker.eu-west-1.amazonaws.com")
    expected = signed_by_botocore(request, credentials, at, is_signed=False)

    await UnsignedPayload()(
        Context("InvokeEndpoint"), FinalizeInput(request), Wire[FinalizeInput]()
    )
    actual = signed(request, credentials, at)

    assert expected == actual


def test_the_unsigned_headers_include_those_of_botocore() -> None:
    others = UNSIGNED_HEADERS - set(SIGNED_HEADERS_BLACKLIST)

    assert set(SIGNED_HEADERS_BLACKLIST) <= UNSIGNED_HEADERS
    assert {"accept-encoding", "authorization", "content-length"} == others
