"""The flat names of all options, with their types, for type checkers and editors.

`python -m tests --fix` writes this file from the declarations in this folder.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from ssl import SSLContext
from typing import Any, Literal, TypedDict

from sagemaker_rt.context import Key
from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.interfaces import (
    Clock,
    CredentialsProvider,
    EndpointResolver,
    EndpointResolverFunction,
    EndpointResolverV2,
    HTTPAuthScheme,
    HTTPClient,
    HTTPClientName,
    MeterProvider,
    OnChunkReceived,
    OnChunkSent,
    ResponseTarget,
    Retryer,
    Signer,
    TokenProvider,
    TracerProvider,
)
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options.auth import AuthSchemeResolver, PayloadSigning
from sagemaker_rt.options.bodies import RequestCompressionMode
from sagemaker_rt.options.retry import RetryMode, RetryRulesName
from sagemaker_rt.options.tls import KeyPassword
from sagemaker_rt.sansio.backoff import CustomBackoff, Jitter
from sagemaker_rt.sansio.defaults_mode import DefaultsMode
from sagemaker_rt.sansio.endpoints import KeepPrefixes
from sagemaker_rt.sansio.retried_model_errors import RetriedReason
from sagemaker_rt.sansio.validation_modes import Validation, ValidationMode
from sagemaker_rt.stack import Stack
from sagemaker_rt.streaming.duplex import DuplexClient

__all__ = ["OptionFields"]


class OptionFields(TypedDict, total=False):
    """The keyword arguments of `Options`, `Client` and `with_options`."""

    region: str | None
    profile: str | None
    credentials: CredentialsProvider | Credentials | AnonymousCredentials | None
    api_options: Iterable[Callable[[Stack], None]]
    validate: ValidationMode | Validation | bool
    context_values: Mapping[Key[Any], Any]
    app_id: str | None
    user_agent_extra: str | None
    clock: Clock
    environ: Mapping[str, str] | None
    sigv4_signing_name: str | None
    sigv4_signing_region: str | None
    signer: Signer | None
    token_provider: TokenProvider | None
    auth_schemes: Iterable[HTTPAuthScheme]
    auth_scheme_preference: Iterable[str] | None
    auth_scheme_resolver: AuthSchemeResolver | None
    payload_signing: PayloadSigning
    endpoint_url: str | KeepPrefixes | None
    allow_insecure: bool
    use_fips_endpoint: bool | None
    use_dualstack_endpoint: bool | None
    use_ssl: bool
    port: int | None
    ignore_configured_endpoint_urls: bool | None
    endpoint_resolver: EndpointResolver | EndpointResolverFunction | None
    endpoint_resolver_v2: EndpointResolverV2 | None
    retry_mode: RetryMode | None
    max_attempts: int | None
    retryer: Retryer | None
    retry_rules: RetryRulesName | None
    custom_backoff: CustomBackoff | None
    retry_ambiguous: bool
    retry_model_errors: Iterable[int | RetriedReason]
    model_not_ready_timeout: float | None
    adaptive_wait: bool
    clock_offset: float
    correct_clock_skew: bool | None
    retry_base_delay: float | None
    retry_max_delay: float | None
    retry_jitter: Jitter | None
    http_client: HTTPClient | HTTPClientName | None
    max_connections: int
    max_connections_per_host: int
    keepalive_timeout: float
    tcp_keepalive: bool
    expect_continue: bool
    continue_timeout: float
    proxy: str | None
    https_proxy: str | None
    http_proxy: str | None
    no_proxy: str | None
    max_redirects: int
    max_response_bytes: int
    ssl_context: SSLContext | None
    ca_bundle: str | None
    ca_directory: str | None
    client_cert: str | None
    client_key: str | None
    client_key_password: KeyPassword | None
    verify_ssl: bool
    http2_ssl_context: SSLContext | None
    connect_timeout: float | Literal["default"] | None
    defaults_mode: DefaultsMode | None
    pool_timeout: float | None
    write_timeout: float | None
    read_timeout: float | None
    stream_timeout: float | None
    total_timeout: float | None
    log_mode: LogMode
    log_level: int | str | None
    logger: logging.Logger | None
    tracer_provider: TracerProvider | None
    meter_provider: MeterProvider | None
    client_side_monitoring: bool | None
    client_side_monitoring_host: str | None
    client_side_monitoring_port: int | None
    client_side_monitoring_client_id: str | None
    on_chunk_sent: OnChunkSent | None
    on_chunk_received: OnChunkReceived | None
    response_target: ResponseTarget | None
    request_compression: RequestCompressionMode
    min_compression_bytes: int
    duplex_client: DuplexClient | None
    ping_interval: float | None
    ping_timeout: float | None
    silence_timeout: float | None
    pad_events: bool
    normal_close_ends_stream: bool
