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
    with_api_options,
    with_endpoint_resolver,
    with_endpoint_resolver_v2,
    with_options,
    with_sigv4_signing_name,
    with_sigv4_signing_region,
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
    with_options(region="eu-west-1"),
    with_options(endpoint_url="https://example.com"),
    with_options(allow_insecure=True),
    with_options(use_fips_endpoint=True),
    with_options(use_dualstack_endpoint=False),
    with_options(use_ssl=True),
    with_options(port=8443),
    with_options(ignore_configured_endpoint_urls=True),
    with_options(app_id="checkout"),
    with_options(user_agent_extra="checkout/1.2"),
    with_options(validate="strict"),
    with_options(validate=Validation(min=True, max=True)),
    with_api_options(trimmed, lambda stack: stack.initialize.clear()),
    with_options(clock=time.time),
]
WHO: list[Option] = [
    with_options(credentials=Credentials("AKIDEXAMPLE", "a-secret", "a-token")),
    with_options(signer=SigV4Signer()),
    with_options(signer=RequestsAuthSigner()),
    with_sigv4_signing_name("sagemaker"),
    with_sigv4_signing_region("eu-west-1"),
    with_options(auth_scheme_preference=["sigv4"]),
    with_options(auth_schemes=()),
    with_options(auth_scheme_resolver=schemes),
    with_options(payload_signing="signed"),
]
RETRIES: list[Option] = [
    with_options(max_attempts=3),
    with_options(retry_mode="adaptive"),
    with_options(retry_rules="2026"),
    with_options(retryer=NopRetryer()),
    with_options(custom_backoff=waiting),
    with_options(retry_ambiguous=False),
    with_options(retry_base_delay=0.1),
    with_options(retry_max_delay=5),
    with_options(retry_jitter="none"),
    with_options(retry_jitter=lambda delay: delay * 0.9),
    with_options(retry_model_errors=[500]),
    with_options(model_not_ready_timeout=120),
    with_options(adaptive_wait=True),
    with_options(clock_offset=1.5),
    with_options(correct_clock_skew=True),
]
TIMES: list[Option] = [
    with_options(defaults_mode="auto"),
    with_options(connect_timeout=3.1),
    with_options(connect_timeout="default"),
    with_options(pool_timeout=None),
    with_options(write_timeout=10),
    with_options(read_timeout=20),
    with_options(stream_timeout=30),
    with_options(total_timeout=60),
]
BODIES: list[Option] = [
    with_options(max_response_bytes=1 << 20),
    with_options(max_redirects=2),
    with_options(min_compression_bytes=0),
    with_options(request_compression="gzip"),
    with_options(on_chunk_sent=report),
    with_options(on_chunk_received=report),
    with_options(response_target=Path("answer")),
]
TELLING: list[Option] = [
    with_options(log_level=logging.INFO),
    with_options(log_level=None),
    with_options(log_mode=LogMode.SIGNING),
    with_options(logger=LOGGER),
    with_options(client_side_monitoring=True),
    with_options(client_side_monitoring_host="localhost"),
    with_options(client_side_monitoring_port=31000),
    with_options(client_side_monitoring_client_id="checkout"),
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
        with_options(credentials=credentials),
        with_options(token_provider=tokens),
        with_options(signer=signer),
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
        with_options(http_client=http_client)
        | with_options(retryer=retryer)
        | with_options(tracer_provider=tracers)
        | with_options(meter_provider=meters)
    )


def watched(
    traces: OpenTelemetryTracerProvider, metrics: OpenTelemetryMeterProvider
) -> Client:
    """Make spans and metrics by OpenTelemetry's providers."""
    watching = with_options(tracer_provider=traces) | with_options(
        meter_provider=metrics
    )
    return Client(watching, tracer_provider=traces, meter_provider=metrics)


async def call(client: Client) -> bytes:
    """Give options to one call."""
    options = [*PLACE, *WHO, *RETRIES, *TIMES, *BODIES, *TELLING]
    output = await client.invoke_endpoint(*options, endpoint_name="m", body=b"")
    return output.body
