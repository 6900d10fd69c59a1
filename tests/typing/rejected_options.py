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
    with_options,
)

MODE: DefaultsMode = "in_region"  # error
JITTER: Jitter = "some"  # error
LEVEL: LogMode = "REQUEST"  # error
BACKOFF: CustomBackoff = lambda retry: 0.1  # error # noqa: E731 - it is a line
OPTION: Option = 5  # error
OTHER: Option = with_options  # error


def the_wrong_fields() -> None:
    """Pass unknown options, and values of another type."""
    Client(max_atempts=2)  # error
    Client(max_attempts="two")  # error
    Client(region=b"eu-west-1")  # error
    Client("eu-west-1")  # error
    Client({"region": "eu-west-1"})  # error
    Client(with_options)  # error
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
    """Call functional options with wrong arguments."""
    with_options(region=1)  # error
    with_options(max_attempts="3")  # error
    with_options(read_timeout="5")  # error
    with_options(seconds=5)  # error
    with_options(connect_timeout="none")  # error
    with_options(retry_mode="patient")  # error
    with_options(retry_rules="2025")  # error
    with_options(retry_jitter="some")  # error
    with_options(retry_model_errors=500)  # error
    with_options(retry_model_errors=["out-of-memory"])  # error
    with_options(defaults_mode="in_region")  # error
    with_options(endpoint_url=8080)  # error
    with_options(port="8080")  # error
    with_options(use_ssl="no")  # error
    with_options(credentials="AKIDEXAMPLE")  # error
    with_options(auth_scheme_preference=1)  # error
    with_options(auth_scheme_resolver=lambda operation: [])  # error
    with_options(custom_backoff=1.5)  # error
    with_options(clock=1.7e9)  # error
    with_options(logger="checkout")  # error
    with_options(log_level=1.5)  # error
    with_options(log_mode="REQUEST")  # error
    with_options(max_response_bytes="1 MiB")  # error
    with_options(request_compression="br")  # error
    with_options(validate="strictly")  # error
    with_options(client_side_monitoring_port="31000")  # error
    with_api_options("UserAgent")  # error
    with_api_options(lambda stack, step: None)  # error
    with_api_options(lambda stack: stack.bild.clear())  # error


def the_wrong_derived_clients(client: Client) -> None:
    """Derive clients with unknown options, and values of another type."""
    client.with_options(max_atempts=2)  # error
    client.with_options(read_timeout="5")  # error
    client.with_options(with_options)  # error
    client.with_options(Options())  # error
    with_options(max_atempts=2)  # error


def the_wrong_values(options: Options) -> None:
    """Make invalid values, and change frozen ones."""
    with_options(region="r") | 5  # error
    with_options(region="r") & with_options(read_timeout=5)  # error
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
