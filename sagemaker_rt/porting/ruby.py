"""Names of the AWS SDK for Ruby: what ``Aws::SageMakerRuntime::Client.new`` takes."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.porting import conversions, units
from sagemaker_rt.porting.entries import Entries, Into, Nothing, Refused, Several

__all__ = ["RUBY"]

_CALL_HANDLES: Final = (
    "the call takes it: client.invoke_endpoint_with_response_stream(…).handle(handler)"
)

_SERVICE: Final[Entries] = {
    "access_key_id": Into("access_key_id", conversions.text),
    "account_id": Into("account_id", conversions.text),
    "account_id_endpoint_mode": Nothing(),
    "active_endpoint_cache": Nothing(),
    "auth_scheme_preference": Into("auth_scheme_preference"),
    "convert_params": Nothing("is always so: a body may be text, bytes or a file"),
    "credentials": Several(conversions.credentials_or_keys),
    "defaults_mode": Into("defaults_mode", conversions.text),
    "disable_host_prefix_injection": Nothing(),
    "disable_request_compression": Nothing(
        "is as it is: no operation asks for compression, request_compression does"
    ),
    "endpoint": Several(conversions.endpoint),
    "endpoint_cache_max_entries": Nothing(),
    "endpoint_cache_max_threads": Nothing(),
    "endpoint_cache_poll_interval": Nothing(),
    "endpoint_discovery": Nothing(),
    "endpoint_provider": Into("endpoint_resolver_v2"),
    "event_stream_handler": Refused(_CALL_HANDLES),
    "ignore_configured_endpoint_urls": Into("ignore_configured_endpoint_urls"),
    "input_event_stream_handler": Refused("no operation here sends events"),
    "output_event_stream_handler": Refused(_CALL_HANDLES),
    "instance_profile_credentials_retries": Refused(
        "the environment says it: AWS_METADATA_SERVICE_NUM_ATTEMPTS", (2,)
    ),
    "instance_profile_credentials_timeout": Refused(
        "the environment says it: AWS_METADATA_SERVICE_TIMEOUT", (1,)
    ),
    "plugins": Refused(
        "a plugin is a function from Options to Options; give it to the client", ([],)
    ),
    "profile": Into("profile", conversions.text),
    "region": Into("region", conversions.region),
    "regional_endpoint": Nothing(),
    "request_checksum_calculation": Nothing(),
    "request_min_compression_size_bytes": Into("min_compression_bytes"),
    "response_checksum_validation": Nothing(),
    "response_target": Into("response_target"),
    "sdk_ua_app_id": Into("app_id", conversions.text),
    "secret_access_key": Into("secret_access_key", conversions.text),
    "session_token": Into("session_token", conversions.text),
    "sigv4a_signing_region_set": Nothing(),
    "stub_responses": Refused(
        "with_stubs of sagemaker_rt.testing is an option of its own", (False,)
    ),
    "token_provider": Into("token_provider"),
    "use_dualstack_endpoint": Into("use_dualstack_endpoint"),
    "use_fips_endpoint": Into("use_fips_endpoint"),
    "user_agent_suffix": Into("user_agent_extra", conversions.text),
    "validate_params": Into("validate", conversions.validation),
}

_RETRY: Final[Entries] = {
    "adaptive_retry_wait_to_fill": Into("adaptive_wait"),
    "correct_clock_skew": Into("correct_clock_skew"),
    "max_attempts": Into("max_attempts"),
    "retry_backoff": Refused(
        "it waits by itself; a custom_backoff tells the seconds to wait"
    ),
    "retry_base_delay": Into("retry_base_delay"),
    "retry_jitter": Into("retry_jitter", conversions.jitter),
    "retry_limit": Into("max_attempts", units.attempts_after),
    "retry_max_delay": Into("retry_max_delay", units.seconds_or_unset),
    "retry_mode": Into("retry_mode", conversions.mode_of_retries),
}

_HTTP: Final[Entries] = {
    "http_continue_timeout": Into("continue_timeout"),
    "http_idle_timeout": Into("keepalive_timeout"),
    "http_open_timeout": Into("connect_timeout"),
    "http_proxy": Into("proxy"),
    "http_read_timeout": Into("read_timeout"),
    "http_wire_trace": Into("log_mode", conversions.wire_trace),
    "on_chunk_received": Into("on_chunk_received"),
    "on_chunk_sent": Into("on_chunk_sent"),
    "raise_response_errors": Refused(
        "errors are raised; asyncio.gather(…, return_exceptions=True) returns them",
        (True,),
    ),
    "ssl_ca_bundle": Into("ca_bundle", conversions.text),
    "ssl_ca_directory": Into("ca_directory", conversions.text),
    "ssl_ca_store": Refused("load it into an ssl.SSLContext, and give ssl_context"),
    "ssl_cert": Into("client_cert", conversions.text),
    "ssl_key": Into("client_key", conversions.text),
    "ssl_timeout": Nothing("is a part of connect_timeout here"),
    "ssl_verify_peer": Into("verify_ssl"),
}

_TOLD: Final[Entries] = {
    "client_side_monitoring": Into("client_side_monitoring"),
    "client_side_monitoring_client_id": Into("client_side_monitoring_client_id"),
    "client_side_monitoring_host": Into("client_side_monitoring_host"),
    "client_side_monitoring_port": Into("client_side_monitoring_port"),
    "client_side_monitoring_publisher": Refused(
        "an agent is told by UDP; a middleware of yours tells others"
    ),
    "log_formatter": Refused("put a LogFormatter on a handler of your logger"),
    "log_level": Into("log_level", conversions.text),
    "logger": Into("logger", conversions.logger),
    "telemetry_provider": Refused(
        "give OpenTelemetry's tracer_provider and meter_provider"
    ),
}

RUBY: Final[Entries] = {**_SERVICE, **_RETRY, **_HTTP, **_TOLD}
