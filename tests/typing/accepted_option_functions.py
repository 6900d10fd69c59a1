"""Each option as a function, for a client or for one call."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from opentelemetry.metrics import MeterProvider as OpenTelemetryMeterProvider
from opentelemetry.trace import TracerProvider as OpenTelemetryTracerProvider

from sagemaker_rt import (
    AuthScheme,
    Client,
    Credentials,
    CredentialsProvider,
    EndpointResolver,
    EndpointResolverV2,
    HTTPClient,
    LogMode,
    MeterProvider,
    NopRetryer,
    Option,
    RequestsAuthSigner,
    Retryer,
    SageMakerRuntimeError,
    Signer,
    SigV4Signer,
    Stack,
    TokenProvider,
    TracerProvider,
    Validation,
    with_adaptive_wait,
    with_allow_insecure,
    with_api_options,
    with_app_id,
    with_auth_scheme_preference,
    with_auth_scheme_resolver,
    with_auth_schemes,
    with_client_side_monitoring,
    with_client_side_monitoring_client_id,
    with_client_side_monitoring_host,
    with_client_side_monitoring_port,
    with_clock,
    with_clock_offset,
    with_connect_timeout,
    with_correct_clock_skew,
    with_credentials,
    with_custom_backoff,
    with_defaults_mode,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_endpoint_url,
    with_http_client,
    with_ignore_configured_endpoint_urls,
    with_log_level,
    with_log_mode,
    with_logger,
    with_max_attempts,
    with_max_redirects,
    with_max_response_bytes,
    with_meter_provider,
    with_min_compression_bytes,
    with_model_not_ready_timeout,
    with_on_chunk_received,
    with_on_chunk_sent,
    with_payload_signing,
    with_pool_timeout,
    with_port,
    with_read_timeout,
    with_region,
    with_request_compression,
    with_response_target,
    with_retry_ambiguous,
    with_retry_base_delay,
    with_retry_jitter,
    with_retry_max_delay,
    with_retry_mode,
    with_retry_model_errors,
    with_retry_rules,
    with_retryer,
    with_signer,
    with_sigv4_signing_name,
    with_sigv4_signing_region,
    with_stream_timeout,
    with_token_provider,
    with_total_timeout,
    with_tracer_provider,
    with_use_dualstack_endpoint,
    with_use_fips_endpoint,
    with_use_ssl,
    with_user_agent_extra,
    with_validate,
    with_write_timeout,
)

LOGGER = logging.getLogger("checkout")


def schemes(operation: str, region: str | None) -> Sequence[AuthScheme]:
    """Sign everything for the region."""
    return [AuthScheme("aws.auth#sigv4", operation, region)]


def waiting(retry: int, error: SageMakerRuntimeError) -> float:
    """Wait no longer than a second."""
    return min(error.retry_after or 0.1 * retry, 1.0)


def trimmed(stack: Stack) -> None:
    """Take a middleware away."""
    stack.build.remove("UserAgent")


def report(chunk: bytes, done: int, total: int | None) -> None:
    """Be told of a chunk."""
    LOGGER.debug("%d: %d of %s", len(chunk), done, total)


PLACE: list[Option] = [
    with_region("eu-west-1"),
    with_endpoint_url("https://example.com"),
    with_allow_insecure(),
    with_use_fips_endpoint(),
    with_use_dualstack_endpoint(False),
    with_use_ssl(True),
    with_port(8443),
    with_ignore_configured_endpoint_urls(),
    with_app_id("checkout"),
    with_user_agent_extra("checkout/1.2"),
    with_validate("strict"),
    with_validate(Validation(min=True, max=True)),
    with_api_options(trimmed, lambda stack: stack.initialize.clear()),
    with_clock(time.time),
]
WHO: list[Option] = [
    with_credentials(Credentials("AKIDEXAMPLE", "a-secret", "a-token")),
    with_signer(SigV4Signer()),
    with_signer(RequestsAuthSigner()),
    with_sigv4_signing_name("sagemaker"),
    with_sigv4_signing_region("eu-west-1"),
    with_auth_scheme_preference(["sigv4"]),
    with_auth_schemes(()),
    with_auth_scheme_resolver(schemes),
    with_payload_signing("signed"),
]
RETRIES: list[Option] = [
    with_max_attempts(3),
    with_retry_mode("adaptive"),
    with_retry_rules("2026"),
    with_retryer(NopRetryer()),
    with_custom_backoff(waiting),
    with_retry_ambiguous(False),
    with_retry_base_delay(0.1),
    with_retry_max_delay(5),
    with_retry_jitter("none"),
    with_retry_jitter(lambda delay: delay * 0.9),
    with_retry_model_errors([500]),
    with_model_not_ready_timeout(120),
    with_adaptive_wait(True),
    with_clock_offset(1.5),
    with_correct_clock_skew(True),
]
TIMES: list[Option] = [
    with_defaults_mode("auto"),
    with_connect_timeout(3.1),
    with_connect_timeout("default"),
    with_pool_timeout(None),
    with_write_timeout(10),
    with_read_timeout(20),
    with_stream_timeout(30),
    with_total_timeout(60),
]
BODIES: list[Option] = [
    with_max_response_bytes(1 << 20),
    with_max_redirects(2),
    with_min_compression_bytes(0),
    with_request_compression("gzip"),
    with_on_chunk_sent(report),
    with_on_chunk_received(report),
    with_response_target(Path("answer")),
]
TELLING: list[Option] = [
    with_log_level(logging.INFO),
    with_log_level(None),
    with_log_mode(LogMode.SIGNING),
    with_logger(LOGGER),
    with_client_side_monitoring(),
    with_client_side_monitoring_host("localhost"),
    with_client_side_monitoring_port(31000),
    with_client_side_monitoring_client_id("checkout"),
]


def parts(
    credentials: CredentialsProvider,
    tokens: TokenProvider,
    signer: Signer,
    resolver: EndpointResolver,
    resolver_v2: EndpointResolverV2,
) -> list[Option]:
    """Swap who signs and where calls go."""
    return [
        with_credentials(credentials),
        with_token_provider(tokens),
        with_signer(signer),
        with_endpoint_resolver(resolver),
        with_endpoint_resolver_v2(resolver_v2),
    ]


def edges(
    http_client: HTTPClient,
    retryer: Retryer,
    tracers: TracerProvider,
    meters: MeterProvider,
) -> Option:
    """Swap what sends, retries and measures."""
    return (
        with_http_client(http_client)
        | with_retryer(retryer)
        | with_tracer_provider(tracers)
        | with_meter_provider(meters)
    )


def watched(
    traces: OpenTelemetryTracerProvider, metrics: OpenTelemetryMeterProvider
) -> Client:
    """Make spans and metrics by OpenTelemetry's providers."""
    watching = with_tracer_provider(traces) | with_meter_provider(metrics)
    return Client(watching, tracer_provider=traces, meter_provider=metrics)


async def call(client: Client) -> bytes:
    """Give options to one call."""
    options = [*PLACE, *WHO, *RETRIES, *TIMES, *BODIES, *TELLING]
    output = await client.invoke_endpoint(*options, endpoint_name="m", body=b"")
    return output.body
