from __future__ import annotations

import logging
import ssl
import time
from typing import Any, Final

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.endpoint_resolvers import (
    DefaultEndpointResolver,
    DefaultEndpointResolverV2,
)
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.options import Options, with_options
from sagemaker_rt.options.fields import OptionFields
from sagemaker_rt.sansio.endpoints import KeepPrefixes
from sagemaker_rt.sansio.retry import NopRetryer
from sagemaker_rt.signers.sigv4 import SigV4Signer
from tests.doubles import ScriptedHTTPClient

VALID: Final[list[dict[str, Any]]] = [
    {
        "region": "eu-west-1",
        "profile": "dev",
        "validate": "strict",
        "app_id": "a",
        "user_agent_extra": "a",
        "clock": time.monotonic,
        "environ": {"AWS_REGION": "eu-west-1"},
    },
    {
        "sigv4_signing_name": "a",
        "sigv4_signing_region": "b",
        "signer": SigV4Signer(),
        "auth_scheme_preference": ("noAuth", "sigv4"),
        "auth_scheme_resolver": lambda *_: [],
        "payload_signing": "unsigned",
    },
    {
        "endpoint_url": "https://a.example",
        "allow_insecure": True,
        "use_fips_endpoint": True,
        "use_dualstack_endpoint": True,
        "use_ssl": False,
        "port": 8443,
        "ignore_configured_endpoint_urls": True,
        "endpoint_resolver": DefaultEndpointResolver(),
        "endpoint_resolver_v2": DefaultEndpointResolverV2(),
    },
    {
        "endpoint_url": KeepPrefixes("example.com"),
        "use_fips_endpoint": False,
        "endpoint_resolver": lambda *_: None,
    },
    {
        "retry_mode": "off",
        "max_attempts": 5,
        "retryer": NopRetryer(),
        "retry_rules": "pre-2026",
        "custom_backoff": lambda *_: 0.0,
        "retry_ambiguous": True,
        "retry_model_errors": frozenset({503}),
        "model_not_ready_timeout": 0,
        "adaptive_wait": False,
        "clock_offset": -30.5,
        "correct_clock_skew": False,
        "retry_base_delay": 0.1,
        "retry_max_delay": 9,
        "retry_jitter": "equal",
    },
    {"model_not_ready_timeout": None, "retry_jitter": abs},
    {
        "http_client": ScriptedHTTPClient(),
        "max_connections": 1,
        "max_connections_per_host": 1,
        "keepalive_timeout": 0.5,
        "tcp_keepalive": False,
        "expect_continue": True,
        "continue_timeout": 0.5,
        "proxy": "http://proxy.example:3128",
        "https_proxy": "http://proxy.example:3128",
        "http_proxy": "http://proxy.example:3128",
        "no_proxy": "*",
        "max_redirects": 3,
        "max_response_bytes": 1000,
    },
    {
        "ssl_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        "ca_bundle": "/a",
        "ca_directory": "/a",
        "client_cert": "/a",
        "client_key": "/a",
        "client_key_password": b"a-password",
        "verify_ssl": False,
    },
    {
        "defaults_mode": "mobile",
        "connect_timeout": 0.25,
        "pool_timeout": 0.25,
        "write_timeout": 0.25,
        "read_timeout": 0.25,
        "stream_timeout": 0.25,
        "total_timeout": 0.25,
    },
    {
        "connect_timeout": None,
        "pool_timeout": None,
        "write_timeout": None,
        "read_timeout": None,
        "stream_timeout": None,
        "total_timeout": None,
    },
    {
        "log_mode": LogMode.REQUEST | LogMode.RESPONSE,
        "log_level": "INFO",
        "logger": logging.getLogger("tests.options"),
    },
    {"log_level": 5},
    {
        "tracer_provider": NoOpTracerProvider(),
        "meter_provider": NoOpMeterProvider(),
        "client_side_monitoring": True,
        "client_side_monitoring_host": "localhost",
        "client_side_monitoring_port": 65535,
        "client_side_monitoring_client_id": "a" * 255,
    },
    {
        "on_chunk_sent": print,
        "on_chunk_received": print,
        "response_target": "answer",
        "request_compression": "gzip",
        "min_compression_bytes": 0,
    },
]


def test_each_option_has_a_type_and_none_is_required() -> None:
    assert {*Options().flat()} == OptionFields.__annotations__.keys()
    assert frozenset() == OptionFields.__required_keys__


@pytest.mark.parametrize("fields", VALID, ids=lambda fields: next(iter(fields)))
def test_valid_values_are_set(fields: dict[str, Any]) -> None:
    for options in (
        Options(**fields),
        Options().replace(**fields),
        with_options(**fields)(Options()),
    ):
        assert fields == {name: options.flat()[name] for name in fields}
