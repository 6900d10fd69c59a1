"""What a client says of its calls, to the letter; saying it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest

from sagemaker_rt.client import Client
from sagemaker_rt.errors import OptionsError, StackError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options import (
    Option,
    Options,
    with_api_options,
    with_endpoint_resolver,
    with_options,
)
from sagemaker_rt.sansio.endpoints import EndpointResolverOptions
from sagemaker_rt.stack import BuildInput, Stack, hook
from tests.doubles import ScriptedHTTPClient, response

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

NOT_INVOKE: Final = """\
left out
  CallTracing: no tracer_provider is set
  CallMetrics: no meter_provider is set
  CallLogger: log_level is not set
  ResolveEndpoint: no endpoint_resolver is set
  RequestCompression: request_compression is none
  RecursionDetection: this is no AWS Lambda function
  CallMonitoring: client_side_monitoring is off
  AttemptTracing: no tracer_provider is set
  AttemptMetrics: no meter_provider is set
  AttemptMonitoring: client_side_monitoring is off
  AdaptiveRateLimit: retry_mode is not adaptive
  FollowRedirects: max_redirects is 0
  UnsignedPayload: payload_signing is not unsigned
  OperationEventStreamDeserializer: the answer is no stream
  WriteResponseTarget: no response_target is set
  ReportProgress: no function wants to know of chunks
  RequestResponseLogger: log_mode is off"""

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

NOT_STREAM: Final = """\
left out
  CallTracing: no tracer_provider is set
  CallMetrics: no meter_provider is set
  CallLogger: log_level is not set
  ResolveEndpoint: no endpoint_resolver is set
  RequestCompression: request_compression is none
  RecursionDetection: this is no AWS Lambda function
  CallMonitoring: client_side_monitoring is off
  AttemptTracing: no tracer_provider is set
  AttemptMetrics: no meter_provider is set
  AttemptMonitoring: client_side_monitoring is off
  AdaptiveRateLimit: retry_mode is not adaptive
  FollowRedirects: max_redirects is 0
  UnsignedPayload: payload_signing is not unsigned
  WriteResponseTarget: no response_target is set
  ReportProgress: no function wants to know of chunks
  RequestResponseLogger: log_mode is off"""

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
  RecordResponseTiming
left out
  CallTracing: no tracer_provider is set
  CallMetrics: no meter_provider is set
  CallLogger: log_level is not set
  ResolveEndpoint: no endpoint_resolver is set
  RequestCompression: request_compression is none
  ComputePayloadHash: the body is not signed
  RecursionDetection: this is no AWS Lambda function
  CallMonitoring: client_side_monitoring is off
  AttemptTracing: no tracer_provider is set
  AttemptMetrics: no meter_provider is set
  AttemptMonitoring: client_side_monitoring is off
  AdaptiveRateLimit: retry_mode is not adaptive
  FollowRedirects: max_redirects is 0
  ResolveAuthScheme: the caller is anonymous
  GetIdentity: the caller is anonymous
  UnsignedPayload: payload_signing is not unsigned
  Signing: the caller is anonymous
  OperationEventStreamDeserializer: the answer is no stream
  WriteResponseTarget: no response_target is set
  ReportProgress: no function wants to know of chunks
  RequestResponseLogger: log_mode is off"""

LAMBDA: Final = """\
initialize
  OperationInputValidation
serialize
  OperationSerializer
build
  ClientRequestID
  ComputePayloadHash
  UserAgent
  RecursionDetection
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
  RecordResponseTiming
left out
  CallTracing: no tracer_provider is set
  CallMetrics: no meter_provider is set
  CallLogger: log_level is not set
  ResolveEndpoint: no endpoint_resolver is set
  RequestCompression: request_compression is none
  CallMonitoring: client_side_monitoring is off
  AttemptTracing: no tracer_provider is set
  AttemptMetrics: no meter_provider is set
  AttemptMonitoring: client_side_monitoring is off
  AdaptiveRateLimit: retry_mode is not adaptive
  FollowRedirects: max_redirects is 0
  UnsignedPayload: payload_signing is not unsigned
  OperationEventStreamDeserializer: the answer is no stream
  WriteResponseTarget: no response_target is set
  ReportProgress: no function wants to know of chunks
  RequestResponseLogger: log_mode is off"""

LOGGED: Final = """\
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
  RecordResponseTiming
  RequestResponseLogger
left out
  CallTracing: no tracer_provider is set
  CallMetrics: no meter_provider is set
  CallLogger: log_level is not set
  ResolveEndpoint: no endpoint_resolver is set
  RequestCompression: request_compression is none
  RecursionDetection: this is no AWS Lambda function
  CallMonitoring: client_side_monitoring is off
  AttemptTracing: no tracer_provider is set
  AttemptMetrics: no meter_provider is set
  AttemptMonitoring: client_side_monitoring is off
  AdaptiveRateLimit: retry_mode is not adaptive
  FollowRedirects: max_redirects is 0
  UnsignedPayload: payload_signing is not unsigned
  OperationEventStreamDeserializer: the answer is no stream
  WriteResponseTarget: no response_target is set
  ReportProgress: no function wants to know of chunks"""

RESOLVED: Final = """\
initialize
  OperationInputValidation
serialize
  ResolveEndpoint
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
  RecordResponseTiming
left out
  CallTracing: no tracer_provider is set
  CallMetrics: no meter_provider is set
  CallLogger: log_level is not set
  RequestCompression: request_compression is none
  RecursionDetection: this is no AWS Lambda function
  CallMonitoring: client_side_monitoring is off
  AttemptTracing: no tracer_provider is set
  AttemptMetrics: no meter_provider is set
  AttemptMonitoring: client_side_monitoring is off
  AdaptiveRateLimit: retry_mode is not adaptive
  FollowRedirects: max_redirects is 0
  UnsignedPayload: payload_signing is not unsigned
  OperationEventStreamDeserializer: the answer is no stream
  WriteResponseTarget: no response_target is set
  ReportProgress: no function wants to know of chunks
  RequestResponseLogger: log_mode is off"""


def everywhere(region: str, options: EndpointResolverOptions) -> Endpoint:
    return Endpoint("https://example.com")


@hook(BuildInput)
def tag_team(_: object, input: BuildInput) -> None:
    input.request.headers["x-team"] = "a"


def with_tag(stack: Stack) -> None:
    stack.build.add(tag_team)


def client(*opts: Option, **fields: Any) -> Client:
    """Return a client that looks at nothing outside."""
    known = {"credentials": Credentials("AKID", "a-secret"), "environ": {}}
    return Client(Options(**{**known, **fields}), *opts)


@pytest.mark.parametrize(
    ("operation", "stack", "left_out"),
    [
        ("InvokeEndpoint", INVOKE, NOT_INVOKE),
        ("InvokeEndpointAsync", INVOKE, NOT_INVOKE),
        ("InvokeEndpointWithResponseStream", STREAM, NOT_STREAM),
    ],
)
def test_an_operation_runs_through_this(
    operation: str, stack: str, left_out: str
) -> None:
    assert stack == str(client().stack(operation))
    assert f"{stack}\n{left_out}" == client().explain(operation)


@pytest.mark.parametrize(
    ("fields", "opts", "expected"),
    [
        ({"credentials": AnonymousCredentials()}, (), ANONYMOUS),
        ({}, [with_options(credentials=AnonymousCredentials())], ANONYMOUS),
        ({"environ": {"AWS_LAMBDA_FUNCTION_NAME": "f"}}, (), LAMBDA),
        ({"log_mode": LogMode.REQUEST}, (), LOGGED),
        ({}, [with_options(log_mode=LogMode.RESPONSE)], LOGGED),
        ({"endpoint_resolver": everywhere}, (), RESOLVED),
        ({}, [with_endpoint_resolver(everywhere)], RESOLVED),
    ],
    ids=[
        "an anonymous client",
        "an anonymous call",
        "in Lambda",
        "a client that logs",
        "a call that is logged",
        "a client with a resolver",
        "a call with a resolver",
    ],
)
def test_options_change_what_runs(
    fields: dict[str, Any], opts: Sequence[Option], expected: str
) -> None:
    assert expected == client(**fields).explain("InvokeEndpoint", *opts)


def test_what_the_caller_added_is_printed() -> None:
    expected = INVOKE.replace("  UserAgent\n", "  UserAgent\n  tag_team\n")

    for stack in (
        client(with_api_options(with_tag)).stack("InvokeEndpoint"),
        client().stack("InvokeEndpoint", with_api_options(with_tag)),
        client().with_options(with_api_options(with_tag)).stack("InvokeEndpoint"),
    ):
        assert expected == str(stack)


async def test_printing_does_not_touch_what_runs() -> None:
    http_client = ScriptedHTTPClient(response(), response(), response())
    caller = client(
        with_api_options(with_tag), region="eu-west-1", http_client=http_client
    )

    caller.stack("InvokeEndpoint").build.clear()
    await caller.invoke_endpoint(endpoint_name="m", body=b"")
    printed = caller.stack("InvokeEndpoint")
    printed.finalize.clear()
    printed.build.remove("tag_team")
    await caller.invoke_endpoint(endpoint_name="m", body=b"")
    caller.explain("InvokeEndpoint", with_options(log_mode=LogMode.REQUEST))
    await caller.invoke_endpoint(endpoint_name="m", body=b"")

    first, *others = ({*request.headers} for request in http_client.requests)
    assert {"x-team", "user-agent", "authorization"} <= first
    assert [first, first] == others


async def test_calls_do_not_touch_what_is_printed() -> None:
    http_client = ScriptedHTTPClient(response())
    caller = client(region="eu-west-1", http_client=http_client)
    before = caller.explain("InvokeEndpoint")

    await caller.invoke_endpoint(
        with_api_options(with_tag), endpoint_name="m", body=b""
    )

    assert before == caller.explain("InvokeEndpoint")
    caller.stack("InvokeEndpoint").build.add(tag_team)
    assert INVOKE == str(caller.stack("InvokeEndpoint"))


def test_what_runs_is_known_before_a_region_is() -> None:
    assert INVOKE == str(client().stack("InvokeEndpoint"))
    assert INVOKE == str(
        client().stack("InvokeEndpoint", with_options(region="eu-west-1"))
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            "invokeEndpoint",
            "there is no operation 'invokeEndpoint'; did you mean 'InvokeEndpoint'?",
        ),
        (
            "InvokeEndpointAsinc",
            (
                "there is no operation 'InvokeEndpointAsinc'; "
                "did you mean 'InvokeEndpointAsync'?"
            ),
        ),
        (
            "Predict",
            (
                "there is no operation 'Predict'; there are ['InvokeEndpoint', "
                "'InvokeEndpointAsync', 'InvokeEndpointWithResponseStream']"
            ),
        ),
    ],
)
def test_an_unknown_operation_is_refused_with_a_hint(wrong: str, message: str) -> None:
    for ask in (client().stack, client().explain):
        with pytest.raises(OptionsError) as caught:
            ask(wrong)

        assert message == str(caught.value)


def test_a_function_that_fails_is_named_in_print_as_well() -> None:
    def broken(stack: Stack) -> None:
        stack.build.remove("UserAgnet")

    caller = client(with_api_options(broken))

    for ask in (caller.stack, caller.explain):
        with pytest.raises(StackError) as caught:
            ask("InvokeEndpoint")

        assert str(caught.value).endswith(
            "broken failed: build has no 'UserAgnet'; did you mean 'UserAgent'?"
        )
