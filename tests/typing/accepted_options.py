"""Options by keyword, by value and by function."""

from __future__ import annotations

import logging
import os
import ssl
import time
from collections.abc import Sequence
from random import random
from typing import assert_type

from sagemaker_rt import (
    AnonymousCredentials,
    AuthScheme,
    BuildInput,
    Client,
    Context,
    Credentials,
    DefaultsMode,
    Jitter,
    KeepPrefixes,
    LegacyBackoff,
    LogMode,
    Option,
    Options,
    RetriedReason,
    SageMakerRuntimeError,
    Stack,
    Validation,
    hook,
)
from sagemaker_rt.options import with_options

KEYS = Credentials("AKIDEXAMPLE", "a-secret")
GENERAL = Options(
    region="eu-west-1",
    profile="dev",
    credentials=KEYS,
    validate="strict",
    app_id="checkout",
    user_agent_extra="checkout/1.2",
    clock=time.time,
    environ=os.environ,
    endpoint_url="https://example.com/runtime",
    allow_insecure=False,
    use_fips_endpoint=True,
    use_dualstack_endpoint=True,
    use_ssl=True,
    port=8443,
    ignore_configured_endpoint_urls=True,
    sigv4_signing_name="sagemaker",
    sigv4_signing_region="eu-west-1",
    auth_schemes=(),
    auth_scheme_preference=("sigv4", "httpBearerAuth"),
    payload_signing="unsigned",
)
RETRIES = Options(
    retry_mode="legacy",
    max_attempts=5,
    retry_rules="pre-2026",
    retry_ambiguous=True,
    retry_model_errors={500, 503, "overloaded", "model-loading"},
    model_not_ready_timeout=None,
    adaptive_wait=False,
    clock_offset=-3.5,
    correct_clock_skew=False,
    retry_base_delay=0.3,
    retry_max_delay=2,
    retry_jitter="equal",
    connect_timeout="default",
    defaults_mode="in-region",
    pool_timeout=1,
    write_timeout=1.5,
    read_timeout=None,
    stream_timeout=60,
    total_timeout=300.0,
)
CONNECTIONS = Options(
    max_connections=16,
    max_connections_per_host=8,
    keepalive_timeout=5.0,
    tcp_keepalive=False,
    expect_continue=True,
    continue_timeout=0.5,
    proxy="http://proxy.example.com:3128",
    https_proxy=None,
    http_proxy=None,
    no_proxy="localhost,.internal",
    max_redirects=1,
    max_response_bytes=1 << 20,
    ssl_context=ssl.create_default_context(),
    ca_bundle="/etc/ca.pem",
    ca_directory="/etc/ca",
    client_cert="/etc/client.pem",
    client_key="/etc/client.key",
    client_key_password=lambda: b"a-password",
    verify_ssl=True,
    request_compression="gzip",
    min_compression_bytes=1024,
)
LOGGING = Options(
    log_mode=LogMode.REQUEST | LogMode.RETRIES,
    log_level="INFO",
    logger=logging.getLogger("checkout"),
    client_side_monitoring=True,
    client_side_monitoring_host="127.0.0.1",
    client_side_monitoring_port=31000,
    client_side_monitoring_client_id="checkout",
)

MODE: DefaultsMode = "cross-region"
JITTER: Jitter = "full"


def halved(delay: float) -> float:
    """A custom jitter."""
    return delay / 2


def schemes(operation: str, region: str | None) -> Sequence[AuthScheme]:
    """Prefer signatures for one operation."""
    if operation == "InvokeEndpoint":
        return [AuthScheme("aws.auth#sigv4", "sagemaker", region)]
    return [AuthScheme("smithy.api#noAuth")]


def waiting(retry: int, error: SageMakerRuntimeError) -> float:
    """Wait as long as the service requests."""
    return error.retry_after or float(retry)


@hook(BuildInput)
def tag_team(ctx: Context, input: BuildInput) -> None:
    """Add a header."""
    input.request.headers["X-Operation"] = ctx.operation


def add_tag(stack: Stack) -> None:
    """Edit the stack."""
    stack.build.add(tag_team)


MORE = Options(
    api_options=[add_tag],
    credentials=AnonymousCredentials(),
    custom_backoff=waiting,
    defaults_mode=MODE,
    endpoint_url=KeepPrefixes("example.com"),
    auth_scheme_resolver=schemes,
    retry_jitter=halved,
    validate=Validation(pattern=True),
)
LEGACY = Options(
    custom_backoff=LegacyBackoff(
        chance=random, base_delay=0.3, max_delay=20, jitter=JITTER
    ),
    validate=False,
)


def doubled(options: Options) -> Options:
    """A functional option that is a plain function, and reads the groups."""
    return options.replace(
        max_attempts=2 * (options.retry.max_attempts or 1),
        read_timeout=(options.timeouts.read_timeout or 0) * 2,
    )


def custom_option(team: str) -> Option:
    """Return several options as one."""
    return with_options(app_id=team) | doubled | with_options(region="eu-west-1")


def clients() -> list[Client]:
    """Set options in every way."""
    options: list[Option] = [
        doubled,
        with_options(read_timeout=5),
        custom_option("a"),
    ]
    together = with_options(region="r") | doubled | with_options(read_timeout=1)
    return [
        Client(),
        Client(GENERAL),
        Client(RETRIES, *options, region="eu-north-1", max_attempts=1),
        Client(together, read_timeout=1),
        Client(None, doubled),
        Client(CONNECTIONS).with_options(together, read_timeout=None, max_attempts=1),
        Client().with_options(retry_model_errors=[503]),
    ]


def read(options: Options) -> None:
    """Read options in their groups; each has its type."""
    assert_type(options.region, str | None)
    assert_type(options.retry.max_attempts, int | None)
    assert_type(options.retry.retry_model_errors, frozenset[int | RetriedReason])
    assert_type(options.endpoint.use_fips_endpoint, bool | None)
    assert_type(options.http.max_connections, int)
    assert_type(options.tls.verify_ssl, bool)
    assert_type(options.logging.log_mode, LogMode)
    assert_type(options.timeouts.total_timeout, float | None)
    assert_type(options.bodies.min_compression_bytes, int)
    assert_type(options.telemetry.client_side_monitoring, bool | None)
    assert_type(options.flat(), dict[str, object])
