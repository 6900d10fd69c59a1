"""Makes the standard middleware from options and components.

Each function returns the middleware, or `Omitted` with the reason why it is left out.
A middleware that few clients need is imported only if an option enables it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_rt.assembly.components import Components
from sagemaker_rt.assembly.logging import LogMiddleware
from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.endpoint_resolvers import AttemptEndpoints
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.middleware.resolve_endpoint_v2 import ResolveEndpointV2
from sagemaker_rt.middleware.retry import Retry
from sagemaker_rt.middleware.user_agent import UserAgent
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import INVOKE_ENDPOINT, Operation
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.endpoint_parameters import (
    EndpointParameters,
    EndpointResolverOptions,
)
from sagemaker_rt.sansio.endpoints import normalize_region
from sagemaker_rt.transport.http_clients import is_native

if TYPE_CHECKING:
    from sagemaker_rt.middleware.adaptive_rate_limit import AdaptiveRateLimit
    from sagemaker_rt.middleware.bidirectional_stream_deserializer import (
        BidirectionalStreamDeserializer,
    )
    from sagemaker_rt.middleware.follow_redirects import FollowRedirects
    from sagemaker_rt.middleware.operation_event_stream_deserializer import (
        OperationEventStreamDeserializer,
    )
    from sagemaker_rt.middleware.recursion_detection import RecursionDetection
    from sagemaker_rt.middleware.report_progress import ReportProgress
    from sagemaker_rt.middleware.request_compression import RequestCompression
    from sagemaker_rt.middleware.resolve_endpoint import ResolveEndpoint
    from sagemaker_rt.middleware.write_response_target import WriteResponseTarget

__all__ = [
    "adaptive_rate_limit",
    "event_stream_deserializer",
    "follow_redirects",
    "operation_deserializer",
    "recursion_detection",
    "report_progress",
    "request_compression",
    "resolve_endpoint",
    "resolve_endpoint_v2",
    "retry",
    "user_agent",
    "write_response_target",
]


def resolve_endpoint(options: Options) -> ResolveEndpoint | Omitted:
    """Return the middleware for an endpoint resolver of Go's first generation."""
    resolver = options.endpoint.endpoint_resolver
    if resolver is None:
        return Omitted("ResolveEndpoint", "endpoint_resolver is not set")
    region, use_fips = _region(options)
    resolver_options = EndpointResolverOptions(
        disable_https=not options.endpoint.use_ssl,
        use_dualstack=bool(options.endpoint.use_dualstack_endpoint),
        use_fips=use_fips,
        resolved_region=region,
    )
    from sagemaker_rt.middleware.resolve_endpoint import (  # noqa: PLC0415 - if it is on
        ResolveEndpoint,
    )

    return ResolveEndpoint(resolver, resolver_options, region=region)


def request_compression(
    operation: Operation, options: Options
) -> RequestCompression | Omitted:
    """Return the middleware that compresses request bodies."""
    if operation.is_bidirectional:
        return Omitted("RequestCompression", "the request is a stream of events")
    if options.bodies.request_compression == "none":
        return Omitted("RequestCompression", "request_compression is none")
    from sagemaker_rt.middleware.request_compression import (  # noqa: PLC0415 - if it is on
        RequestCompression,
    )

    return RequestCompression(options.bodies.min_compression_bytes)


def user_agent(options: Options) -> UserAgent:
    """Return the middleware that writes the user agent."""
    features = [f"RETRY_MODE_{(options.retry.retry_mode or 'standard').upper()}"]
    if options.endpoint.endpoint_url is not None:
        features.append("ENDPOINT_OVERRIDE")
    if options.bodies.request_compression != "none":
        features.append("GZIP_REQUEST_COMPRESSION")
    return UserAgent(
        options.app_id,
        extra=options.user_agent_extra,
        features=features,
        http_library=_http_library(options),
    )


def _http_library(options: Options) -> str | None:
    """Return the library that sends requests, if it is known."""
    http_client = options.http.http_client
    if isinstance(http_client, str):
        return "httptools" if is_native(http_client) else "aiohttp"
    library = getattr(http_client, "library", None)
    return library if isinstance(library, str) else None


def recursion_detection(components: Components) -> RecursionDetection | Omitted:
    """Return the middleware that AWS Lambda functions need."""
    if "AWS_LAMBDA_FUNCTION_NAME" not in components.environ:
        return Omitted("RecursionDetection", "this is not an AWS Lambda function")
    from sagemaker_rt.middleware.recursion_detection import (  # noqa: PLC0415 - if it is on
        RecursionDetection,
    )

    return RecursionDetection(components.environ)


def retry(
    operation: Operation, options: Options, components: Components, logs: LogMiddleware
) -> Retry:
    """Return the middleware that repeats attempts."""
    corrects = options.retry.correct_clock_skew is not False
    # the endpoint of the service is the same in all attempts
    has_resolver = options.endpoint.endpoint_resolver_v2 is not None
    resolver = components.endpoint_resolver
    parameters = _parameters(operation, options)
    return Retry(
        components.retryer,
        clock=components.clock if corrects else None,
        logger=logs.of(LogMode.RETRIES),
        endpoints=AttemptEndpoints(resolver, parameters) if has_resolver else None,
    )


def adaptive_rate_limit(
    options: Options, components: Components
) -> AdaptiveRateLimit | Omitted:
    """Return the middleware that slows down after throttling."""
    retry = options.retry
    if retry.retry_mode != "adaptive":
        return Omitted("AdaptiveRateLimit", "retry_mode is not adaptive")
    from sagemaker_rt.middleware.adaptive_rate_limit import (  # noqa: PLC0415 - if it is on
        AdaptiveRateLimit,
    )

    return AdaptiveRateLimit(components.rate_limiters(), wait=retry.adaptive_wait)


def follow_redirects(options: Options) -> FollowRedirects | Omitted:
    """Return the middleware that follows redirects."""
    if not options.http.max_redirects:
        return Omitted("FollowRedirects", "max_redirects is 0")
    from sagemaker_rt.middleware.follow_redirects import (  # noqa: PLC0415 - if it is on
        FollowRedirects,
    )

    return FollowRedirects(options.http.max_redirects)


def resolve_endpoint_v2(
    operation: Operation, options: Options, components: Components
) -> ResolveEndpointV2:
    """Return the middleware that writes the endpoint on a request."""
    parameters = _parameters(operation, options)
    return ResolveEndpointV2(components.endpoint_resolver, parameters)


def _parameters(operation: Operation, options: Options) -> EndpointParameters:
    region, use_fips = _region(options)
    return EndpointParameters(
        region=region,
        use_fips=use_fips,
        use_dualstack=bool(options.endpoint.use_dualstack_endpoint),
        endpoint_url=options.endpoint.endpoint_url,
        allow_insecure=options.endpoint.allow_insecure,
        disable_https=not options.endpoint.use_ssl,
        port=options.endpoint.port,
        is_http2=operation.is_bidirectional,
    )


def event_stream_deserializer(
    operation: Operation, logs: LogMiddleware
) -> OperationEventStreamDeserializer | BidirectionalStreamDeserializer | Omitted:
    """Return the middleware that makes a `ResponseStream`."""
    if operation.is_bidirectional:
        from sagemaker_rt.middleware.bidirectional_stream_deserializer import (  # noqa: PLC0415 - if it is on
            BidirectionalStreamDeserializer,
        )

        return BidirectionalStreamDeserializer()
    if not operation.is_stream:
        return Omitted(
            "OperationEventStreamDeserializer", "the response is not a stream"
        )
    from sagemaker_rt.middleware.operation_event_stream_deserializer import (  # noqa: PLC0415 - if it is on
        OperationEventStreamDeserializer,
    )

    return OperationEventStreamDeserializer(logs.of(LogMode.RESPONSE_EVENT_MESSAGE))


def operation_deserializer(
    operation: Operation, options: Options
) -> OperationDeserializer:
    """Return the middleware that reads responses and raises service errors."""
    limit = options.http.max_response_bytes
    return OperationDeserializer(operation, max_response_bytes=limit)


def write_response_target(
    operation: Operation, options: Options
) -> WriteResponseTarget | Omitted:
    """Return the middleware that writes a response body elsewhere.

    Raises:
        OptionsError: The operation is not InvokeEndpoint.
    """
    target = options.bodies.response_target
    if target is None:
        return Omitted("WriteResponseTarget", "response_target is not set")
    if operation is not INVOKE_ENDPOINT:
        advice = (
            "iterate over the stream and write its parts"
            if operation.is_stream
            else "the response is written to S3"
        )
        message = f"response_target cannot be used with {operation.name}: {advice}"
        raise OptionsError(message)
    from sagemaker_rt.middleware.write_response_target import (  # noqa: PLC0415 - if it is on
        WriteResponseTarget,
    )

    return WriteResponseTarget(target)


def report_progress(operation: Operation, options: Options) -> ReportProgress | Omitted:
    """Return the middleware that calls the progress functions."""
    if operation.is_bidirectional:
        return Omitted("ReportProgress", "the request is a stream of events")
    sent, received = options.bodies.on_chunk_sent, options.bodies.on_chunk_received
    if sent is None and received is None:
        return Omitted(
            "ReportProgress", "on_chunk_sent and on_chunk_received are not set"
        )
    from sagemaker_rt.middleware.report_progress import (  # noqa: PLC0415 - if it is on
        ReportProgress,
    )

    return ReportProgress(sent, received)


def _region(options: Options) -> tuple[str | None, bool]:
    """Return the region without ``fips``, and whether FIPS endpoints are wanted."""
    use_fips = bool(options.endpoint.use_fips_endpoint)
    if options.region is None:
        return None, use_fips
    region, is_fips = normalize_region(options.region)
    return region, is_fips or use_fips
