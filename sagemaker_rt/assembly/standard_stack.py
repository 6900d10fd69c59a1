"""The standard stack: what runs when an operation is called, in order.

Read this first. Each line says one fact about a call; what a middleware does is told in
the file of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from attrs import field, frozen

from sagemaker_rt.assembly.authentication import Authentication
from sagemaker_rt.assembly.logging import Logs
from sagemaker_rt.assembly.telemetry import Telemetry
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.interfaces import (
    CredentialsStore,
    EndpointResolverV2,
    Retryer,
    Signer,
    TokenStore,
)
from sagemaker_rt.middleware.adaptive_rate_limit import (
    AdaptiveRateLimit,
    RateLimiters,
)
from sagemaker_rt.middleware.add_raw_response_to_metadata import (
    AddRawResponseToMetadata,
)
from sagemaker_rt.middleware.client_request_id import ClientRequestID
from sagemaker_rt.middleware.follow_redirects import FollowRedirects
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.middleware.operation_event_stream_deserializer import (
    OperationEventStreamDeserializer,
)
from sagemaker_rt.middleware.operation_input_validation import OperationInputValidation
from sagemaker_rt.middleware.operation_serializer import OperationSerializer
from sagemaker_rt.middleware.record_response_timing import RecordResponseTiming
from sagemaker_rt.middleware.recursion_detection import RecursionDetection
from sagemaker_rt.middleware.report_progress import ReportProgress
from sagemaker_rt.middleware.request_compression import RequestCompression
from sagemaker_rt.middleware.request_id_retriever import RequestIDRetriever
from sagemaker_rt.middleware.resolve_endpoint import ResolveEndpoint
from sagemaker_rt.middleware.resolve_endpoint_v2 import ResolveEndpointV2
from sagemaker_rt.middleware.response_error_wrapper import ResponseErrorWrapper
from sagemaker_rt.middleware.retry import Retry
from sagemaker_rt.middleware.user_agent import UserAgent
from sagemaker_rt.middleware.write_response_target import WriteResponseTarget
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import INVOKE_ENDPOINT, Operation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.auth_schemes import SIGV4
from sagemaker_rt.sansio.clock_skew import CorrectedClock
from sagemaker_rt.sansio.endpoints import (
    EndpointParameters,
    EndpointResolverOptions,
    normalize_region,
)
from sagemaker_rt.stack import Middleware, Stack, Step

__all__ = ["Omitted", "Parts", "standard_stack"]

I = TypeVar("I")


@frozen(kw_only=True)
class Parts:
    """What the calls of a client share, and the options do not hold themselves."""

    environ: Mapping[str, str]
    clock: CorrectedClock
    retryer: Retryer
    rate_limiters: RateLimiters
    credentials: CredentialsStore | AnonymousCredentials
    tokens: TokenStore | None
    signer: Signer
    endpoint_resolver: EndpointResolverV2
    random_bits: Callable[[int], int]


@frozen
class Omitted:
    """A middleware that would do nothing for these options, and so is not there."""

    id: str
    reason: str


_ANONYMOUS: Final = "the caller is anonymous"
_NO_SCHEME: Final = Omitted("ResolveAuthScheme", _ANONYMOUS)
_NO_IDENTITY: Final = Omitted("GetIdentity", _ANONYMOUS)
_UNSIGNED: Final = Omitted("Signing", _ANONYMOUS)
_UNHASHED: Final = Omitted("ComputePayloadHash", "the body is not signed")
_NOT_LEFT_OUT: Final = Omitted("UnsignedPayload", "payload_signing is not unsigned")
_NO_LINE: Final = Omitted("CallLogger", "log_level is not set")
_NOT_LOGGED: Final = Omitted("RequestResponseLogger", "log_mode is off")
_NO_TRACES: Final = "no tracer_provider is set"
_NO_CALL_SPAN: Final = Omitted("CallTracing", _NO_TRACES)
_NO_ATTEMPT_SPAN: Final = Omitted("AttemptTracing", _NO_TRACES)
_NO_METRICS: Final = "no meter_provider is set"
_NO_CALL_METRICS: Final = Omitted("CallMetrics", _NO_METRICS)
_NO_ATTEMPT_METRICS: Final = Omitted("AttemptMetrics", _NO_METRICS)
_NO_AGENT: Final = "client_side_monitoring is off"
_UNTOLD: Final = Omitted("CallMonitoring", _NO_AGENT)
_ATTEMPT_UNTOLD: Final = Omitted("AttemptMonitoring", _NO_AGENT)


@frozen
class _Assembly:
    """A stack that is being put together."""

    told: Telemetry
    stack: Stack = field(factory=Stack)
    omitted: list[Omitted] = field(factory=list)

    def add(self, step: Step[I], middleware: Middleware[I] | Omitted) -> None:
        """Add *middleware* to *step*, or to what is left out."""
        if isinstance(middleware, Omitted):
            self.omitted.append(middleware)
        else:
            step.add(self.told.timed(middleware))


def standard_stack(
    operation: Operation, options: Options, parts: Parts
) -> tuple[Stack, list[Omitted]]:
    """Return what a call of *operation* runs through, and what it does not."""
    auth, logs = _authentication(operation, options, parts), Logs(operation, options)
    told = Telemetry(operation, options, region=_signing_region(options, auth))
    assembly = _Assembly(told)
    stack, add = assembly.stack, assembly.add

    add(stack.initialize, told.call_tracing() or _NO_CALL_SPAN)
    add(stack.initialize, told.call_metrics() or _NO_CALL_METRICS)
    add(stack.initialize, logs.call_logger() or _NO_LINE)
    add(stack.initialize, OperationInputValidation(operation, options.validate))

    add(stack.serialize, _resolve_endpoint(options))
    add(stack.serialize, OperationSerializer(operation, options.timeouts.per_attempt))

    add(stack.build, ClientRequestID(parts.random_bits))
    add(stack.build, _request_compression(options))
    add(stack.build, auth.compute_payload_hash() or _UNHASHED)
    add(stack.build, _user_agent(options))
    add(stack.build, _recursion_detection(parts))

    add(stack.finalize, told.call_monitoring(parts.retryer.max_attempts) or _UNTOLD)
    add(stack.finalize, _retry(options, parts, logs))  # what follows: every attempt's
    add(stack.finalize, told.attempt_tracing() or _NO_ATTEMPT_SPAN)
    add(stack.finalize, told.attempt_metrics() or _NO_ATTEMPT_METRICS)
    add(stack.finalize, told.attempt_monitoring() or _ATTEMPT_UNTOLD)
    add(stack.finalize, _adaptive_rate_limit(options, parts))
    add(stack.finalize, _follow_redirects(options))
    add(stack.finalize, auth.resolve_auth_scheme() or _NO_SCHEME)
    add(stack.finalize, auth.get_identity() or _NO_IDENTITY)
    add(stack.finalize, _resolve_endpoint_v2(options, parts))
    add(stack.finalize, auth.unsigned_payload() or _NOT_LEFT_OUT)
    add(stack.finalize, auth.signing() or _UNSIGNED)

    add(stack.deserialize, AddRawResponseToMetadata())
    add(stack.deserialize, _event_stream_deserializer(operation, logs))
    add(stack.deserialize, ResponseErrorWrapper())
    add(stack.deserialize, RequestIDRetriever())
    add(stack.deserialize, _operation_deserializer(operation, options))
    add(stack.deserialize, RecordResponseTiming(options.clock))
    add(stack.deserialize, _write_response_target(operation, options))
    add(stack.deserialize, _report_progress(options))
    add(stack.deserialize, logs.request_response_logger() or _NOT_LOGGED)
    return stack, assembly.omitted


def _resolve_endpoint(options: Options) -> ResolveEndpoint | Omitted:
    resolver = options.endpoint.endpoint_resolver
    if resolver is None:
        return Omitted("ResolveEndpoint", "no endpoint_resolver is set")
    region, use_fips = _region(options)
    resolver_options = EndpointResolverOptions(
        disable_https=not options.endpoint.use_ssl,
        use_dualstack=bool(options.endpoint.use_dualstack_endpoint),
        use_fips=use_fips,
        resolved_region=region,
    )
    return ResolveEndpoint(resolver, resolver_options, region=region)


def _request_compression(options: Options) -> RequestCompression | Omitted:
    if options.bodies.request_compression == "none":
        return Omitted("RequestCompression", "request_compression is none")
    return RequestCompression(options.bodies.min_compression_bytes)


def _user_agent(options: Options) -> UserAgent:
    features = [f"RETRY_MODE_{(options.retry.retry_mode or 'standard').upper()}"]
    if options.endpoint.endpoint_url is not None:
        features.append("ENDPOINT_OVERRIDE")
    if options.bodies.request_compression != "none":
        features.append("GZIP_REQUEST_COMPRESSION")
    return UserAgent(options.app_id, extra=options.user_agent_extra, features=features)


def _recursion_detection(parts: Parts) -> RecursionDetection | Omitted:
    if "AWS_LAMBDA_FUNCTION_NAME" not in parts.environ:
        return Omitted("RecursionDetection", "this is no AWS Lambda function")
    return RecursionDetection(parts.environ)


def _retry(options: Options, parts: Parts, logs: Logs) -> Retry:
    corrects = options.retry.correct_clock_skew is not False
    return Retry(
        parts.retryer,
        clock=parts.clock if corrects else None,
        logger=logs.of(LogMode.RETRIES),
    )


def _adaptive_rate_limit(options: Options, parts: Parts) -> AdaptiveRateLimit | Omitted:
    retry = options.retry
    if retry.retry_mode != "adaptive":
        return Omitted("AdaptiveRateLimit", "retry_mode is not adaptive")
    return AdaptiveRateLimit(parts.rate_limiters, wait=retry.adaptive_wait)


def _follow_redirects(options: Options) -> FollowRedirects | Omitted:
    if not options.http.max_redirects:
        return Omitted("FollowRedirects", "max_redirects is 0")
    return FollowRedirects(options.http.max_redirects)


def _resolve_endpoint_v2(options: Options, parts: Parts) -> ResolveEndpointV2:
    region, use_fips = _region(options)
    parameters = EndpointParameters(
        region=region,
        use_fips=use_fips,
        use_dualstack=bool(options.endpoint.use_dualstack_endpoint),
        endpoint_url=options.endpoint.endpoint_url,
        allow_insecure=options.endpoint.allow_insecure,
        disable_https=not options.endpoint.use_ssl,
        port=options.endpoint.port,
    )
    return ResolveEndpointV2(parts.endpoint_resolver, parameters)


def _authentication(
    operation: Operation, options: Options, parts: Parts
) -> Authentication:
    return Authentication(
        operation=operation,
        region=_region(options)[0],
        options=options.auth,
        credentials=parts.credentials,
        are_given=options.credentials is not None,
        tokens=parts.tokens,
        signer=parts.signer,
        clock=parts.clock,
    )


def _signing_region(options: Options, auth: Authentication) -> str | None:
    """Return what the call is signed for; None where it has no signature."""
    if auth.scheme.id != SIGV4:
        return None
    return options.auth.sigv4_signing_region or auth.region


def _event_stream_deserializer(
    operation: Operation, logs: Logs
) -> OperationEventStreamDeserializer | Omitted:
    if not operation.is_stream:
        return Omitted("OperationEventStreamDeserializer", "the answer is no stream")
    return OperationEventStreamDeserializer(logs.of(LogMode.RESPONSE_EVENT_MESSAGE))


def _operation_deserializer(
    operation: Operation, options: Options
) -> OperationDeserializer:
    limit = options.http.max_response_bytes
    return OperationDeserializer(operation, max_response_bytes=limit)


def _write_response_target(
    operation: Operation, options: Options
) -> WriteResponseTarget | Omitted:
    target = options.bodies.response_target
    if target is None:
        return Omitted("WriteResponseTarget", "no response_target is set")
    if operation is not INVOKE_ENDPOINT:
        advice = (
            "iterate over the stream, and write its parts"
            if operation.is_stream
            else "the answer will be in S3"
        )
        message = f"response_target is not for {operation.name}: {advice}"
        raise OptionsError(message)
    return WriteResponseTarget(target)


def _report_progress(options: Options) -> ReportProgress | Omitted:
    sent, received = options.bodies.on_chunk_sent, options.bodies.on_chunk_received
    if sent is None and received is None:
        return Omitted("ReportProgress", "no function wants to know of chunks")
    return ReportProgress(sent, received)


def _region(options: Options) -> tuple[str | None, bool]:
    """Return the region without ``fips``, and whether that is asked for anywhere."""
    use_fips = bool(options.endpoint.use_fips_endpoint)
    if options.region is None:
        return None, use_fips
    region, is_fips = normalize_region(options.region)
    return region, is_fips or use_fips
