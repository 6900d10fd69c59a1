"""What runs, in order: the whole print of each stack is held against a stored text."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.assembly.standard_stack import Omitted, Parts, standard_stack
from sagemaker_rt.context import Context
from sagemaker_rt.credentials.static import StaticCredentials
from sagemaker_rt.endpoint_resolvers import DefaultEndpointResolverV2
from sagemaker_rt.errors import (
    EndpointResolutionError,
    OptionsError,
    ParamValidationError,
    ResponseTooLargeError,
)
from sagemaker_rt.http import Endpoint, Request, Timeouts
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.middleware.adaptive_rate_limit import RateLimiters
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    OPERATIONS,
    Operation,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.endpoints import EndpointResolverOptions
from sagemaker_rt.sansio.retry import NopRetryer
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.signers.sigv4 import SigV4Signer
from sagemaker_rt.stack import DeserializeInput, InitializeInput, Output
from tests.doubles import ManualClock, Scripted, response

CREDENTIALS: Final = StaticCredentials(Credentials("AKID", "a-secret"))
LAMBDA: Final = {
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "_X_AMZN_TRACE_ID": "Root=1-2;Parent=3;Sampled=1",
}
INPUT: Final = InvokeEndpointInput(endpoint_name="m", body=b"abc")

INVOKE: Final = """\
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
  ResponseErrorWrapper
  RequestIDRetriever
  OperationDeserializer
  RecordResponseTiming"""

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

NO_RESOLVER: Final = Omitted("ResolveEndpoint", "no endpoint_resolver is set")
NO_LAMBDA: Final = Omitted("RecursionDetection", "this is no AWS Lambda function")
NO_LIMIT: Final = Omitted("AdaptiveRateLimit", "retry_mode is not adaptive")
NO_REDIRECTS: Final = Omitted("FollowRedirects", "max_redirects is 0")
SIGNED: Final = Omitted("UnsignedPayload", "payload_signing is not unsigned")
NO_STREAM: Final = Omitted(
    "OperationEventStreamDeserializer", "the answer is no stream"
)
NO_LINE: Final = Omitted("CallLogger", "log_level is not set")
NO_LOG: Final = Omitted("RequestResponseLogger", "log_mode is off")
NO_COMPRESSION: Final = Omitted("RequestCompression", "request_compression is none")
NO_TARGET: Final = Omitted("WriteResponseTarget", "no response_target is set")
NO_PROGRESS: Final = Omitted("ReportProgress", "no function wants to know of chunks")
NO_CALL_SPAN, NO_ATTEMPT_SPAN = (
    Omitted(id, "no tracer_provider is set") for id in ("CallTracing", "AttemptTracing")
)
NO_CALL_METRICS, NO_ATTEMPT_METRICS = (
    Omitted(id, "no meter_provider is set") for id in ("CallMetrics", "AttemptMetrics")
)
CALL_UNTOLD, ATTEMPT_UNTOLD = (
    Omitted(id, "client_side_monitoring is off")
    for id in ("CallMonitoring", "AttemptMonitoring")
)
OMITTED: Final = [
    NO_CALL_SPAN,
    NO_CALL_METRICS,
    NO_LINE,
    NO_RESOLVER,
    NO_COMPRESSION,
    NO_LAMBDA,
    CALL_UNTOLD,
    NO_ATTEMPT_SPAN,
    NO_ATTEMPT_METRICS,
    ATTEMPT_UNTOLD,
    NO_LIMIT,
    NO_REDIRECTS,
    SIGNED,
    NO_STREAM,
    NO_TARGET,
    NO_PROGRESS,
    NO_LOG,
]
UNSIGNED: Final = [
    Omitted("ComputePayloadHash", "the body is not signed"),
    *(
        Omitted(id, "the caller is anonymous")
        for id in ("ResolveAuthScheme", "GetIdentity", "Signing")
    ),
]


def everywhere(region: str, options: EndpointResolverOptions) -> Endpoint:
    return Endpoint(f"https://{region}.example")


def parts(
    *,
    environ: Mapping[str, str] | None = None,
    credentials: StaticCredentials | AnonymousCredentials = CREDENTIALS,
) -> Parts:
    return Parts(
        environ=environ or {},
        clock=CorrectedClock(lambda: 1_700_000_000.0),
        retryer=NopRetryer(),
        rate_limiters=RateLimiters(),
        credentials=credentials,
        tokens=None,
        signer=SigV4Signer(),
        endpoint_resolver=DefaultEndpointResolverV2(),
        random_bits=lambda _: 0,
    )


async def sent(options: Options, parts: Parts, *, body: bytes = b"") -> Request:
    """Return the request that a call with *options* sends; *body* is its answer."""
    stack, _ = standard_stack(INVOKE_ENDPOINT, options, parts)
    wire = Scripted[DeserializeInput](Output(response=response(200, {}, body)))

    await stack.decorate(wire)(Context("InvokeEndpoint"), InitializeInput(INPUT))

    return wire.inputs[0].request


@pytest.mark.parametrize(
    ("operation", "expected", "omitted"),
    [
        (INVOKE_ENDPOINT, INVOKE, OMITTED),
        (INVOKE_ENDPOINT_ASYNC, INVOKE, OMITTED),
        (
            INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
            STREAM,
            [omitted for omitted in OMITTED if omitted is not NO_STREAM],
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Operation) else "",
)
def test_an_operation_runs_through_this(
    operation: Operation, expected: str, omitted: list[Omitted]
) -> None:
    stack, left_out = standard_stack(operation, Options(), parts())

    assert (expected, omitted) == (str(stack), left_out)


def test_an_anonymous_caller_is_not_asked_who_it_is() -> None:
    stack, left_out = standard_stack(
        INVOKE_ENDPOINT, Options(), parts(credentials=AnonymousCredentials())
    )

    assert ANONYMOUS == str(stack)
    assert {*UNSIGNED, *OMITTED} == {*left_out}


def test_what_is_switched_on_is_there() -> None:
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
        INVOKE_ENDPOINT_WITH_RESPONSE_STREAM, options, parts(environ=LAMBDA)
    )

    assert (EVERYTHING, [SIGNED, NO_TARGET]) == (str(stack), left_out)


def test_a_body_that_is_not_signed_is_not_hashed() -> None:
    options = Options(payload_signing="unsigned")

    stack, left_out = standard_stack(INVOKE_ENDPOINT, options, parts())

    ids = [*stack.finalize]
    assert ids[-3:] == ["ResolveEndpointV2", "UnsignedPayload", "Signing"]
    assert Omitted("ComputePayloadHash", "the body is not signed") in left_out


def test_an_answer_is_written_before_anybody_hears_of_its_chunks() -> None:
    options = Options(response_target="answer", on_chunk_sent=print)

    stack, _ = standard_stack(INVOKE_ENDPOINT, options, parts())

    assert ["RecordResponseTiming", "WriteResponseTarget", "ReportProgress"] == [
        *stack.deserialize
    ][-3:]


@pytest.mark.parametrize(
    ("operation", "advice"),
    [
        (INVOKE_ENDPOINT_ASYNC, "the answer will be in S3"),
        (
            INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
            "iterate over the stream, and write its parts",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Operation) else "",
)
def test_a_target_is_for_a_whole_answer(operation: Operation, advice: str) -> None:
    with pytest.raises(OptionsError) as caught:
        standard_stack(operation, Options(response_target="answer"), parts())

    message = f"response_target is not for {operation.name}: {advice}"
    assert message == str(caught.value)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("credentials", [CREDENTIALS, AnonymousCredentials()])
@pytest.mark.parametrize("environ", [{}, LAMBDA])
@pytest.mark.parametrize("fields", [{}, {"log_mode": LogMode.RESPONSE}])
def test_what_is_not_there_is_named_with_a_reason(
    operation: Operation, credentials: Any, environ: dict[str, str], fields: Any
) -> None:
    stack, left_out = standard_stack(
        operation, Options(**fields), parts(environ=environ, credentials=credentials)
    )

    ids = [id for step in stack.steps for id in step] + [o.id for o in left_out]
    every = {line.strip() for line in EVERYTHING.splitlines() if line[0] == " "}
    # a stream has no target, and a body is signed or not
    assert every | {NO_TARGET.id, SIGNED.id} == set(ids)
    assert len(set(ids)) == len(ids)


async def test_nothing_of_a_call_is_left_to_chance() -> None:
    """The whole request, from options and parts alone."""
    clock = ManualClock(1_700_000_000.0)
    options = Options(region="eu-west-1", clock=clock, app_id="my-app")

    request = await sent(options, parts(environ=LAMBDA))

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


async def test_an_anonymous_request_says_nothing_of_its_sender() -> None:
    request = await sent(
        Options(region="eu-west-1"), parts(credentials=AnonymousCredentials())
    )

    assert {"amz-sdk-invocation-id", "amz-sdk-request", "user-agent"} == set(
        request.headers
    )
    assert request.payload_hash is None


@pytest.mark.parametrize(
    ("options", "url"),
    [
        (
            Options(region="us-east-1", use_fips_endpoint=True),
            "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            Options(region="fips-us-east-1"),
            "https://runtime-fips.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            Options(region="us-east-1", use_dualstack_endpoint=True),
            "https://runtime.sagemaker.us-east-1.api.aws",
        ),
        (
            Options(region="us-east-1", use_ssl=False),
            "http://runtime.sagemaker.us-east-1.amazonaws.com",
        ),
        (
            Options(region="us-east-1", port=8443),
            "https://runtime.sagemaker.us-east-1.amazonaws.com:8443",
        ),
        (
            Options(region="us-east-1", endpoint_url="https://a.example/p/"),
            "https://a.example/p",
        ),
        (
            Options(
                region="us-east-1",
                endpoint_url="http://a.example",
                allow_insecure=True,
            ),
            "http://a.example",
        ),
        (
            Options(region="us-east-1", endpoint_resolver=everywhere),
            "https://us-east-1.example",
        ),
    ],
)
async def test_the_endpoint_options_lead_there(options: Options, url: str) -> None:
    request = await sent(options, parts())

    assert request.endpoint is not None
    assert url == request.endpoint.url


async def test_the_endpoint_is_not_allowed_to_be_insecure_by_itself() -> None:
    options = Options(region="us-east-1", endpoint_url="http://a.example")

    with pytest.raises(EndpointResolutionError, match="is not encrypted"):
        await sent(options, parts())


async def test_a_resolver_of_the_first_generation_is_told_all_options() -> None:
    asked: list[tuple[str, EndpointResolverOptions]] = []

    def resolver(region: str, options: EndpointResolverOptions) -> Endpoint:
        asked.append((region, options))
        return Endpoint("https://a.example")

    options = Options(
        region="fips-us-east-1",
        use_dualstack_endpoint=True,
        use_ssl=False,
        endpoint_resolver=resolver,
    )
    request = await sent(options, parts())

    expected = EndpointResolverOptions(
        disable_https=True,
        use_dualstack=True,
        use_fips=True,
        resolved_region="us-east-1",
    )
    assert [("us-east-1", expected)] == asked
    assert request.endpoint == Endpoint("http://a.example")


def test_a_region_that_cannot_be_is_found_before_any_call() -> None:
    options = Options(region="us east 1")

    with pytest.raises(
        EndpointResolutionError, match="'us east 1' is not a host label"
    ):
        standard_stack(INVOKE_ENDPOINT, options, parts())


async def test_an_attempt_is_told_how_long_it_may_take() -> None:
    request = await sent(Options(region="us-east-1", read_timeout=5), parts())

    assert Timeouts(read=5) == request.timeouts


async def test_validation_is_as_strict_as_the_options_say() -> None:
    options = Options(region="us-east-1", validate="strict")
    stack, _ = standard_stack(INVOKE_ENDPOINT, options, parts())
    input = InvokeEndpointInput(endpoint_name="m", body=b"", session_id="not-!-one")

    with pytest.raises(ParamValidationError, match="session_id"):
        await stack.decorate(Scripted[DeserializeInput]())(
            Context("InvokeEndpoint"), InitializeInput(input)
        )


async def test_an_answer_may_be_as_large_as_the_options_say() -> None:
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
    stack, _ = standard_stack(INVOKE_ENDPOINT, options, parts())
    call = stack.decorate(Scripted[DeserializeInput](Output(response=answer)))

    with pytest.raises(ResponseTooLargeError, match="10"):
        await call(Context("InvokeEndpoint"), InitializeInput(INPUT))


@pytest.mark.parametrize("name", ["sagemaker_rt", "tests.assembly"])
async def test_what_is_logged_goes_to_the_logger_of_the_options(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(name) if name != "sagemaker_rt" else None
    options = Options(
        region="us-east-1", log_mode=LogMode.REQUEST | LogMode.RESPONSE, logger=logger
    )

    with caplog.at_level(logging.DEBUG, name):
        await sent(options, parts())

    assert [name, name] == [record.name for record in caplog.records]


async def test_the_signing_name_and_region_of_the_options_are_final() -> None:
    options = Options(
        region="eu-west-1",
        endpoint_resolver=lambda region, _: Endpoint(
            "https://a.example", signing_name="b", signing_region="c"
        ),
        sigv4_signing_name="my-service",
        sigv4_signing_region="my-region",
    )

    request = await sent(options, parts())

    assert "/my-region/my-service/aws4_request" in request.headers["authorization"]
