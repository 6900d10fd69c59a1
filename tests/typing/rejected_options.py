"""Options that are refused."""

from __future__ import annotations

from sagemaker_rt import (
    Client,
    Config,
    Credentials,
    CustomBackoff,
    DefaultsMode,
    EndpointParameters,
    Jitter,
    KeepPrefixes,
    LegacyBackoff,
    LogMode,
    Option,
    Options,
    RetryPolicy,
    SigV4Signer,
    Validation,
    with_api_options,
    with_auth_scheme_preference,
    with_auth_scheme_resolver,
    with_client_side_monitoring_port,
    with_clock,
    with_connect_timeout,
    with_credentials,
    with_custom_backoff,
    with_defaults_mode,
    with_endpoint_url,
    with_log_level,
    with_log_mode,
    with_logger,
    with_max_attempts,
    with_max_response_bytes,
    with_port,
    with_read_timeout,
    with_region,
    with_request_compression,
    with_retry_jitter,
    with_retry_mode,
    with_retry_model_errors,
    with_retry_rules,
    with_use_ssl,
    with_validate,
)

MODE: DefaultsMode = "in_region"  # error
JITTER: Jitter = "some"  # error
LEVEL: LogMode = "REQUEST"  # error
WAIT: CustomBackoff = lambda retry: 0.1  # error # noqa: E731 - it is a line
OPTION: Option = 5  # error
OTHER: Option = with_read_timeout  # error


def the_wrong_fields() -> None:
    """Give what is no option, or has another type."""
    Client(max_atempts=2)  # error
    Client(max_attempts="two")  # error
    Client(region=b"eu-west-1")  # error
    Client("eu-west-1")  # error
    Client({"region": "eu-west-1"})  # error
    Client(with_region)  # error
    Client(credentials=("AKIDEXAMPLE", "a-secret"))  # error
    Client(environ={"AWS_MAX_ATTEMPTS": 2})  # error
    Client(api_options=[Options])  # error
    Client(clock=1.7e9)  # error
    Client(retry_mode="patient")  # error
    Client(retry_rules="2025")  # error
    Client(validate="strictly")  # error
    Client(connect_timeout="standard")  # error
    Client(request_compression="br")  # error
    Client(payload_signing="none")  # error
    Client(verify_ssl="no")  # error
    Client(client_key_password=1234)  # error
    Client(logger="checkout")  # error
    Options(Options())  # error
    Options(read_timeot=5)  # error
    Options(read_timeout="5")  # error


def the_wrong_functions() -> None:
    """Give functions what they do not take."""
    with_region(None)  # error
    with_max_attempts("3")  # error
    with_read_timeout("5")  # error
    with_read_timeout(5, 10)  # error
    with_read_timeout(seconds=5)  # error
    with_connect_timeout("none")  # error
    with_retry_mode("patient")  # error
    with_retry_rules("2025")  # error
    with_retry_jitter("some")  # error
    with_retry_model_errors(500)  # error
    with_defaults_mode("in_region")  # error
    with_endpoint_url(8080)  # error
    with_port("8080")  # error
    with_use_ssl("no")  # error
    with_credentials("AKIDEXAMPLE")  # error
    with_auth_scheme_preference(1)  # error
    with_auth_scheme_resolver(lambda operation: [])  # error
    with_custom_backoff(1.5)  # error
    with_clock(1.7e9)  # error
    with_logger("checkout")  # error
    with_log_level(1.5)  # error
    with_log_mode("REQUEST")  # error
    with_max_response_bytes("1 MiB")  # error
    with_request_compression("br")  # error
    with_validate("strictly")  # error
    with_client_side_monitoring_port("31000")  # error
    with_api_options("UserAgent")  # error
    with_api_options(lambda stack, step: None)  # error
    with_api_options(lambda stack: stack.bild.clear())  # error


def the_wrong_values(options: Options) -> None:
    """Make and change values as they cannot be."""
    with_region("r") | 5  # error
    with_region("r") & with_read_timeout(5)  # error
    options.retry.max_attempts + 1  # error
    options.region = "r"  # error
    options.retry.max_attempts = 5  # error
    options.retry.max_atempts  # error
    options.max_attempts  # error
    KeepPrefixes()  # error
    Validation("strict")  # error
    Validation(required="yes")  # error
    LegacyBackoff(base_delay=0.3)  # error
    EndpointParameters("r")  # error
    RetryPolicy(retry_model_errors=[500])  # error
    SigV4Signer("sagemaker")  # error
    Credentials("AKIDEXAMPLE")  # error
    Config()  # error
