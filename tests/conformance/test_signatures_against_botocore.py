"""The same request, signed by botocore and by us at the same second."""

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
OURS = SigV4()  # one for all examples, so that its caches are used


class SigV4AtATime(SigV4Auth):  # type: ignore[misc] # botocore has no types
    """botocore's signer, by a clock of ours."""

    signing_time = 0.0

    def _modify_request_before_signing(self, request: Any) -> None:
        # called after the clock is read, and before the reading is used
        request.context["timestamp"] = amz_date(self.signing_time)
        super()._modify_request_before_signing(request)


class S3AtATime(SigV4AtATime, S3SigV4Auth):  # type: ignore[misc] # botocore has no types
    """botocore's signer for S3, by a clock of ours."""


def signed_by_botocore(
    request: Request,
    credentials: Credentials,
    at: float,
    *,
    service: str = "sagemaker",
    is_signed: bool = True,
) -> dict[str, str]:
    """Return the headers of *request* as botocore signs it, with its body or not."""
    keys = BotocoreCredentials(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
    )
    auth = (S3AtATime if service == "s3" else SigV4AtATime)(keys, service, REGION)
    auth.signing_time = at
    theirs = AWSRequest(
        request.method, request.url, headers=request.headers, data=request.body
    )
    theirs.context["payload_signing_enabled"] = is_signed
    auth.add_auth(theirs)
    return {name.lower(): value for name, value in theirs.headers.items()}


def signed_by_us(
    request: Request,
    credentials: Credentials,
    at: float,
    *,
    service: str = "sagemaker",
) -> dict[str, str]:
    """Return the headers of *request* as we sign it."""
    OURS.sign(request, credentials, service=service, region=REGION, signing_time=at)
    return dict(request.headers)


def urls() -> st.SearchStrategy[str]:
    """Return endpoint URLs: with and without port, and with prefixes of all kinds."""
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
    """Return the paths of the operations, of names that are and are not allowed."""
    names = st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,8}", fullmatch=True)
    others = st.text(max_size=5).map(lambda text: quote(text, safe=""))
    ends = ["invocations", "async-invocations", "invocations-response-stream"]
    return st.builds("/endpoints/{}/{}".format, names | others, st.sampled_from(ends))


def queries() -> st.SearchStrategy[str]:
    return st.from_regex(r"[a-c=&%\-._~0-9]{0,14}", fullmatch=True)


def headers() -> st.SearchStrategy[dict[str, str]]:
    """Return the headers of a call, and others; values may have any white space."""
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
    values = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))
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
def test_every_request_has_the_signature_that_botocore_gives_it(
    request: Request, credentials: Credentials, at: float, service: str
) -> None:
    theirs = signed_by_botocore(request, credentials, at, service=service)

    ours = signed_by_us(request, credentials, at, service=service)

    assert theirs == ours


@given(request=requests(), credentials=credentials(), at=times)
def test_a_request_to_s3_has_the_signature_that_botocore_gives_it(
    request: Request, credentials: Credentials, at: float
) -> None:
    theirs = signed_by_botocore(request, credentials, at, service="s3")

    # which botocore writes, and we leave to whoever calls S3
    request.headers["x-amz-content-sha256"] = theirs["x-amz-content-sha256"]
    ours = signed_by_us(request, credentials, at, service="s3")

    assert theirs == ours


@given(request=requests(), credentials=credentials(), at=times)
async def test_a_body_that_is_left_out_is_left_out_as_by_botocore(
    request: Request, credentials: Credentials, at: float
) -> None:
    request.endpoint = Endpoint("https://runtime.sagemaker.eu-west-1.amazonaws.com")
    theirs = signed_by_botocore(request, credentials, at, is_signed=False)

    await UnsignedPayload()(
        Context("InvokeEndpoint"), FinalizeInput(request), Wire[FinalizeInput]()
    )
    ours = signed_by_us(request, credentials, at)

    assert theirs == ours


def test_what_botocore_does_not_sign_we_do_not_sign_either() -> None:
    by_us_alone = UNSIGNED_HEADERS - set(SIGNED_HEADERS_BLACKLIST)

    assert set(SIGNED_HEADERS_BLACKLIST) <= UNSIGNED_HEADERS
    assert {"accept-encoding", "authorization", "content-length"} == by_us_alone
