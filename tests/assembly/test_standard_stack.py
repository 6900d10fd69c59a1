"""What runs, in order: the whole print of each stack is held against a stored text."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.assembly.standard_stack import standard_stack
from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ParamValidationError,
    ResponseTooLargeError,
)
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    OPERATIONS,
    Operation,
)
from sagemaker_rt.options import Options
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import DeserializeInput, InitializeInput, Output
from tests.assembly.building import (
    CREDENTIALS,
    INPUT,
    INVOKE,
    LAMBDA,
    components,
    everywhere,
    sent,
)
from tests.doubles import ManualClock, Scripted, response

STREAM: Final = """\
initialize
  OperationInputValidation
serialize
  OperationSerializer
build
  ClientRequestID
  ComputePayloadHash
  UserAgent
finalize
  Retry
  ResolveAuthScheme
  GetIdentity
  ResolveEndpointV2
  Signing
deserialize
  AddRawResponseToMetadata
  OperationEventStreamDeserializer
  ResponseErrorWrapper
  RequestIDRetriever
  OperationDeserializer
  RecordResponseTiming"""


ANONYMOUS: Final = """\
initialize
  OperationInputValidation
serialize
  OperationSerializer
build
  ClientRequestID
  UserAgent
finalize
  Retry
  ResolveEndpointV2
deserialize
  AddRawResponseToMetadata
  ResponseErrorWrapper
  RequestIDRetriever
  OperationDeserializer
  RecordResponseTiming"""


EVERYTHING: Final = """\
initialize
  CallTracing
  CallMetrics
  CallLogger
  OperationInputValidation
serialize
  ResolveEndpoint
  OperationSerializer
build
  ClientRequestID
  RequestCompression
  ComputePayloadHash
  UserAgent
  RecursionDetection
finalize
  CallMonitoring
  Retry
  AttemptTracing
  AttemptMetrics
  AttemptMonitoring
  AdaptiveRateLimit
  FollowRedirects
  ResolveAuthScheme
  GetIdentity
  ResolveEndpointV2
  Signing
deserialize
  AddRawResponseToMetadata
  OperationEventStreamDeserializer
  ResponseErrorWrapper
  RequestIDRetriever
  OperationDeserializer
  RecordResponseTiming
  ReportProgress
  RequestResponseLogger"""


ALWAYS_OMITTED: Final = {
    "CallTracing",
    "CallMetrics",
    "CallLogger",
    "ResolveEndpoint",
    "RequestCompression",
    "RecursionDetection",
    "CallMonitoring",
    "AttemptTracing",
    "AttemptMetrics",
    "AttemptMonitoring",
    "AdaptiveRateLimit",
    "FollowRedirects",
    "UnsignedPayload",
    "WriteResponseTarget",
    "ReportProgress",
    "RequestResponseLogger",
}
"""What a stack omits with default options."""


NOT_A_STREAM: Final = {"OperationEventStreamDeserializer"}


ANONYMOUS_OMITS: Final = {
    "ComputePayloadHash",
    "ResolveAuthScheme",
    "GetIdentity",
    "Signing",
}


def ids_of(omitted: Iterable[Omitted]) -> set[str]:
    return {one.id for one in omitted}


@pytest.mark.parametrize(
    ("operation", "expected", "omitted"),
    [
        (INVOKE_ENDPOINT, INVOKE, ALWAYS_OMITTED | NOT_A_STREAM),
        (INVOKE_ENDPOINT_ASYNC, INVOKE, ALWAYS_OMITTED | NOT_A_STREAM),
        (INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, STREAM, ALWAYS_OMITTED),
    ],
    ids=lambda value: value.name if isinstance(value, Operation) else "",
)
def test_the_stack_of_an_operation_with_default_options(
    operation: Operation, expected: str, omitted: set[str]
) -> None:
    stack, left_out = standard_stack(operation, Options(), components())

    assert (expected, omitted) == (str(stack), ids_of(left_out))


def test_an_anonymous_call_is_not_signed() -> None:
    stack, left_out = standard_stack(
        INVOKE_ENDPOINT, Options(), components(credentials=AnonymousCredentials())
    )

    assert ANONYMOUS == str(stack)
    assert ALWAYS_OMITTED | NOT_A_STREAM | ANONYMOUS_OMITS == ids_of(left_out)


def test_options_include_middleware() -> None:
    options = Options(
        log_level="INFO",
        log_mode=LogMode.REQUEST,
        endpoint_resolver=everywhere,
        retry_mode="adaptive",
        request_compression="gzip",
        max_redirects=1,
        on_chunk_received=print,
        tracer_provider=NoOpTracerProvider(),
        meter_provider=NoOpMeterProvider(),
        client_side_monitoring=True,
    )

    stack, left_out = standard_stack(
        INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, options, components(environ=LAMBDA)
    )

    assert EVERYTHING == str(stack)
    assert {"UnsignedPayload", "WriteResponseTarget"} == ids_of(left_out)


def test_a_body_that_is_not_signed_is_not_hashed() -> None:
    options = Options(payload_signing="unsigned")

    stack, left_out = standard_stack(INVOKE_ENDPOINT, options, components())

    ids = [*stack.finalize]
    assert ids[-3:] == ["ResolveEndpointV2", "UnsignedPayload", "Signing"]
    assert "ComputePayloadHash" in ids_of(left_out)


def test_a_response_is_written_before_its_progress_is_reported() -> None:
    options = Options(response_target="answer", on_chunk_sent=print)

    stack, _ = standard_stack(INVOKE_ENDPOINT, options, components())

    assert ["RecordResponseTiming", "WriteResponseTarget", "ReportProgress"] == [
        *stack.deserialize
    ][-3:]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("credentials", [CREDENTIALS, AnonymousCredentials()])
@pytest.mark.parametrize("environ", [{}, LAMBDA])
@pytest.mark.parametrize("fields", [{}, {"log_mode": LogMode.RESPONSE}])
def test_each_standard_middleware_is_included_or_omitted_with_a_reason(
    operation: Operation, credentials: Any, environ: dict[str, str], fields: Any
) -> None:
    stack, left_out = standard_stack(
        operation,
        Options(**fields),
        components(environ=environ, credentials=credentials),
    )

    ids = [id for step in stack.steps for id in step] + [o.id for o in left_out]
    every = {line.strip() for line in EVERYTHING.splitlines() if line[0] == " "}
    assert every | {"WriteResponseTarget", "UnsignedPayload"} == set(ids)
    assert all(one.reason for one in left_out)
    assert len(set(ids)) == len(ids)


async def test_a_request_follows_from_options_and_components() -> None:
    """Clock, random bits and environment are components too."""
    clock = ManualClock(1_700_000_000.0)
    options = Options(region="eu-west-1", clock=clock, app_id="my-app")

    request = await sent(options, components(environ=LAMBDA))

    headers = dict(request.headers.lower)
    agent, signature = headers.pop("user-agent"), headers.pop("authorization")
    assert (
        "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/m/invocations"
        == request.url
    )
    assert {
        "amz-sdk-invocation-id": "00000000-0000-4000-8000-000000000000",
        "amz-sdk-request": "attempt=1; max=1",
        "x-amz-date": "20231114T221320Z",
        "x-amzn-trace-id": LAMBDA["_X_AMZN_TRACE_ID"],
    } == headers
    assert agent.endswith(" app/my-app")
    assert signature.startswith(
        "AWS4-HMAC-SHA256 Credential=AKID/20231114/eu-west-1/sagemaker/aws4_request, "
    )
    assert b"abc" == request.body


async def test_an_anonymous_request_has_no_signature() -> None:
    request = await sent(
        Options(region="eu-west-1"), components(credentials=AnonymousCredentials())
    )

    assert {"amz-sdk-invocation-id", "amz-sdk-request", "user-agent"} == set(
        request.headers
    )
    assert request.payload_hash is None


async def test_the_validation_mode_applies() -> None:
    options = Options(region="us-east-1", validate="strict")
    stack, _ = standard_stack(INVOKE_ENDPOINT, options, components())
    input = InvokeEndpointInput(endpoint_name="m", body=b"", session_id="not-!-one")

    with pytest.raises(ParamValidationError, match="session_id"):
        await stack.decorate(Scripted[DeserializeInput]())(
            Context("InvokeEndpoint"), InitializeInput(input)
        )


async def test_the_response_limit_applies() -> None:
    class Body:
        def read_nowait(self) -> bytes:
            return b"x" * 11

        async def read(self, limit: int) -> bytes:
            raise ResponseTooLargeError(limit)

        def release(self) -> None:
            """Give back nothing."""

    answer = response()
    answer.body = Body()  # type: ignore[assignment] # as much of one as is needed
    options = Options(region="us-east-1", max_response_bytes=10)
    stack, _ = standard_stack(INVOKE_ENDPOINT, options, components())
    call = stack.decorate(Scripted[DeserializeInput](Output(response=answer)))

    with pytest.raises(ResponseTooLargeError, match="10"):
        await call(Context("InvokeEndpoint"), InitializeInput(INPUT))


@pytest.mark.parametrize("name", ["sagemaker_rt", "tests.assembly"])
async def test_the_logger_of_the_options_is_used(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(name) if name != "sagemaker_rt" else None
    options = Options(
        region="us-east-1", log_mode=LogMode.REQUEST | LogMode.RESPONSE, logger=logger
    )

    with caplog.at_level(logging.DEBUG, name):
        await sent(options, components())

    assert [name, name] == [record.name for record in caplog.records]


async def test_signing_options_win_over_the_endpoint() -> None:
    options = Options(
        region="eu-west-1",
        endpoint_resolver=lambda region, _: Endpoint(
            "https://a.example", signing_name="b", signing_region="c"
        ),
        sigv4_signing_name="my-service",
        sigv4_signing_region="my-region",
    )

    request = await sent(options, components())

    assert "/my-region/my-service/aws4_request" in request.headers["authorization"]
