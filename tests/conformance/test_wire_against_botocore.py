"""Requests, compared with those of botocore for the same input."""

from __future__ import annotations

import asyncio
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt import Client, Credentials
from sagemaker_rt.http import Request
from sagemaker_rt.operations import OPERATIONS, Operation
from sagemaker_rt.sansio.http_bindings import Header, members
from tests.conformance.test_signatures_against_botocore import signed_by_botocore
from tests.doubles import ScriptedHTTPClient, response

REGION = "eu-west-1"
NOW = 1_700_000_000.0
CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "token")

NOT_COMPARED = {
    "accept-encoding": "set by the HTTP client",
    "amz-sdk-invocation-id": "random",
    "amz-sdk-request": "botocore adds it unsigned, after signing",
    "authorization": "compared below, for the same headers and time",
    "content-length": "set by the HTTP client",
    "expect": "botocore sends it for bodies from 1 MiB",
    "user-agent": "names the client",
    "x-amz-date": "botocore reads the clock",
    "x-amz-security-token": "part of signing",
}
BOTOCORE_METHODS = {
    "InvokeEndpoint": "invoke_endpoint",
    "InvokeEndpointAsync": "invoke_endpoint_async",
    "InvokeEndpointWithResponseStream": "invoke_endpoint_with_response_stream",
}

# values that the model allows
NAME = st.from_regex(r"[a-zA-Z0-9](-{0,2}[a-zA-Z0-9]){0,20}", fullmatch=True)
ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(
    str.strip
)
PRINTABLE = st.from_regex(r"[!-~][ -~]{0,30}[!-~]", fullmatch=True)
BODY = st.one_of(st.binary(max_size=300), st.text(max_size=100))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "endpoint_name": NAME,
    "body": BODY,
    "content_type": ASCII,
    "accept": ASCII,
    "custom_attributes": ASCII,
    "target_model": PRINTABLE,
    "target_variant": NAME,
    "target_container_hostname": NAME,
    "inference_id": PRINTABLE,
    "enable_explanations": PRINTABLE,
    "inference_component_name": NAME,
    "session_id": NAME,
    "prefix_aware_id": PRINTABLE,
    "input_location": st.just("s3://bucket/key with spaces"),
    "s3_output_path_extension": st.from_regex(
        r"[a-z0-9!_.*'()/-]{1,40}", fullmatch=True
    ),
    "filename": st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}(\.csv)?", fullmatch=True),
    "request_ttl_seconds": st.integers(60, 21_600),
    "invocation_timeout_seconds": st.integers(1, 3600),
}


class Captured(Exception):  # noqa: N818 - transports a request
    """Carries the request that botocore was about to send."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request


def capture(request: Any, **_: object) -> AWSResponse:
    raise Captured(request)


SESSION = botocore.session.Session()
BOTOCORE_CLIENT = SESSION.create_client(
    "sagemaker-runtime",
    region_name=REGION,
    aws_access_key_id=CREDENTIALS.access_key_id,
    aws_secret_access_key=CREDENTIALS.secret_access_key,
    aws_session_token=CREDENTIALS.session_token,
    config=Config(retries={"total_max_attempts": 1}),
)
BOTOCORE_CLIENT.meta.events.register("before-send.sagemaker-runtime", capture)


def inputs(operation: Operation) -> st.SearchStrategy[dict[str, Any]]:
    """Return valid inputs, by attribute names."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for member in members(operation.input):
        target = required if member.is_required else optional
        target[member.attribute] = VALUES[member.attribute]
    if operation.one_of:
        body, location = (optional.pop(name) for name in operation.one_of)
        return st.one_of(
            st.fixed_dictionaries({**required, "body": body}, optional=optional),
            st.fixed_dictionaries(
                {**required, "input_location": location}, optional=optional
            ),
        )
    return st.fixed_dictionaries(required, optional=optional)


CALLS = st.sampled_from(sorted(OPERATIONS.values(), key=lambda o: o.name)).flatmap(
    lambda operation: st.tuples(st.just(operation), inputs(operation))
)


def sent_by_botocore(operation: Operation, params: dict[str, Any]) -> Any:
    """Return the request that botocore would send."""
    names = SESSION.get_service_model("sagemaker-runtime").operation_model(
        operation.name
    )
    by_python_name = {
        member.attribute: name for member, name in _paired(operation, names.input_shape)
    }
    members_by_name = {by_python_name[name]: value for name, value in params.items()}
    try:
        return getattr(BOTOCORE_CLIENT, BOTOCORE_METHODS[operation.name])(
            **members_by_name
        )
    except Captured as captured:
        return captured.request


def _paired(operation: Operation, shape: Any) -> list[tuple[Any, str]]:
    """Pair members with the names in botocore, by header."""
    by_header = {}
    for name, member in shape.members.items():
        header = member.serialization.get("name") or ""
        by_header[header.lower()] = name
    pairs = []
    for member in members(operation.input):
        binding = member.binding
        if isinstance(binding, Header):
            pairs.append((member, by_header[binding.name.lower()]))
        else:
            name = {"endpoint_name": "EndpointName", "body": "Body"}[member.attribute]
            pairs.append((member, name))
    return pairs


def sent_by_client(operation: Operation, params: dict[str, Any]) -> Request:
    """Return the request that the client passes to its HTTP client."""
    http_client = ScriptedHTTPClient(response(200, {}, b"{}"))

    async def call() -> None:
        client = Client(
            region=REGION,
            credentials=CREDENTIALS,
            http_client=http_client,
            clock=lambda: NOW,
            environ={},
        )
        await getattr(client, BOTOCORE_METHODS[operation.name])(**params)

    asyncio.run(call())
    return http_client.requests[0]


def compared(headers: dict[str, str]) -> dict[str, str]:
    return {n: v for n, v in headers.items() if n not in NOT_COMPARED}


def text_headers(request: Any) -> dict[str, str]:
    """Return the headers of botocore as text, without empty ones.

    botocore sends an empty header for an empty member. This client does not, as the AWS
    SDK for Go.
    """
    return {
        name.lower(): text
        for name, value in request.headers.items()
        if (text := value.decode() if isinstance(value, bytes) else value)
    }


@given(call=CALLS)
def test_a_request_is_that_of_botocore(
    call: tuple[Operation, dict[str, Any]],
) -> None:
    operation, params = call
    expected = sent_by_botocore(operation, params)

    actual = sent_by_client(operation, params)

    body = expected.body or b""
    assert (expected.method, expected.url) == (actual.method, actual.url)
    assert (body.encode() if isinstance(body, str) else body) == actual.body
    assert compared(text_headers(expected)) == compared(actual.headers.lower)


@given(call=CALLS)
def test_the_signature_is_that_of_botocore(
    call: tuple[Operation, dict[str, Any]],
) -> None:
    operation, params = call
    actual = sent_by_client(operation, params)
    signed = actual.headers.pop("authorization")
    actual.headers.pop("x-amz-date")
    actual.headers.pop("x-amz-security-token")

    expected = signed_by_botocore(actual, CREDENTIALS, NOW)

    assert expected["authorization"] == signed
