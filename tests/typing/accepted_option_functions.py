"""Functional options, for a client or for one call."""

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
    with_api_options,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_options,
    with_sigv4_signing_name,
    with_sigv4_signing_region,
)

LOGGER = logging.getLogger("checkout")


def schemes(operation: str, region: str | None) -> Sequence[AuthScheme]:
    """Sign all calls for the region."""
    return [AuthScheme("aws.auth#sigv4", operation, region)]


def waiting(retry: int, error: SageMakerRuntimeError) -> float:
    """Wait no longer than a second."""
    return min(error.retry_after or 0.1 * retry, 1.0)


def trimmed(stack: Stack) -> None:
    """Remove a middleware."""
    stack.build.remove("UserAgent")


def report(chunk: bytes, done: int, total: int | None) -> None:
    """Log the progress."""
    LOGGER.debug("%d: %d of %s", len(chunk), done, total)


ENDPOINT = (
    with_options(
        region="eu-west-1",
        endpoint_url="https://example.com",
        allow_insecure=True,
        use_fips_endpoint=True,
        use_dualstack_endpoint=False,
        use_ssl=True,
        port=8443,
        ignore_configured_endpoint_urls=True,
        app_id="checkout",
        user_agent_extra="checkout/1.2",
        validate="strict",
        clock=time.time,
    )
    | with_options(validate=Validation(min=True, max=True))
    | with_api_options(trimmed, lambda stack: stack.initialize.clear())
)
AUTHENTICATION: list[Option] = [
    with_options(
        credentials=Credentials("AKIDEXAMPLE", "a-secret", "a-token"),
        signer=SigV4Signer(),
        auth_scheme_preference=["sigv4"],
        auth_schemes=(),
        auth_scheme_resolver=schemes,
        payload_signing="signed",
    ),
    with_options(signer=RequestsAuthSigner()),
    with_sigv4_signing_name("sagemaker"),
    with_sigv4_signing_region("eu-west-1"),
]
RETRIES = with_options(
    max_attempts=3,
    retry_mode="adaptive",
    retry_rules="2026",
    retryer=NopRetryer(),
    custom_backoff=waiting,
    retry_ambiguous=False,
    retry_base_delay=0.1,
    retry_max_delay=5,
    retry_jitter=lambda delay: delay * 0.9,
    retry_model_errors=[500],
    model_not_ready_timeout=120,
    adaptive_wait=True,
    clock_offset=1.5,
    correct_clock_skew=True,
)
TIMEOUTS = with_options(
    defaults_mode="auto",
    connect_timeout=3.1,
    pool_timeout=None,
    write_timeout=10,
    read_timeout=20,
    stream_timeout=30,
    total_timeout=60,
)
BODIES = with_options(
    max_response_bytes=1 << 20,
    max_redirects=2,
    min_compression_bytes=0,
    request_compression="gzip",
    on_chunk_sent=report,
    on_chunk_received=report,
    response_target=Path("answer"),
)
MONITORING = with_options(
    log_level=logging.INFO,
    log_mode=LogMode.SIGNING,
    logger=LOGGER,
    client_side_monitoring=True,
    client_side_monitoring_host="localhost",
    client_side_monitoring_port=31000,
    client_side_monitoring_client_id="checkout",
)


def components(
    credentials: CredentialsProvider,
    tokens: TokenProvider,
    signer: Signer,
    resolver: EndpointResolver,
    resolver_v2: EndpointResolverV2,
) -> Option:
    """Replace the components that sign, and that resolve endpoints."""
    return (
        with_options(credentials=credentials, token_provider=tokens, signer=signer)
        | with_endpoint_resolver(resolver)
        | with_endpoint_resolver_v2(resolver_v2)
    )


def edges(
    http_client: HTTPClient,
    retryer: Retryer,
    tracers: TracerProvider,
    meters: MeterProvider,
) -> Option:
    """Replace the components that send, retry and measure."""
    return with_options(
        http_client=http_client,
        retryer=retryer,
        tracer_provider=tracers,
        meter_provider=meters,
    )


def watched(
    traces: OpenTelemetryTracerProvider, metrics: OpenTelemetryMeterProvider
) -> Client:
    """Record spans and metrics with the providers of OpenTelemetry."""
    watching = with_options(tracer_provider=traces, meter_provider=metrics)
    return Client(watching, tracer_provider=traces, meter_provider=metrics)


async def call(client: Client) -> bytes:
    """Pass options to one call."""
    options: list[Option] = [
        ENDPOINT,
        *AUTHENTICATION,
        RETRIES,
        TIMEOUTS,
        BODIES,
        MONITORING,
    ]
    output = await client.invoke_endpoint(*options, endpoint_name="m", body=b"")
    return output.body
