from __future__ import annotations

import pytest

from sagemaker_rt.identity import Credentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.porting.ruby import RUBY
from tests.porting.reading import (
    PART,
    Ported,
    Refused,
    Settings,
    carried,
    plain,
    refusal,
    untried,
)

PORTED: list[Ported] = [
    (
        {
            "access_key_id": "AKID",
            "secret_access_key": "secret",
            "session_token": "token",
            "account_id": "123456789012",
        },
        {
            "credentials": Credentials(
                "AKID", "secret", "token", account_id="123456789012"
            )
        },
    ),
    ({"auth_scheme_preference": ["noAuth"]}, {"auth_scheme_preference": ("noAuth",)}),
    ({"credentials": PART}, {"credentials": PART}),
    ({"defaults_mode": "in-region"}, {"defaults_mode": "in-region"}),
    ({"endpoint": "https://a.example"}, {"endpoint_url": "https://a.example"}),
    ({"endpoint_provider": PART}, {"endpoint_resolver_v2": PART}),
    (
        {"ignore_configured_endpoint_urls": True},
        {"ignore_configured_endpoint_urls": True},
    ),
    ({"profile": "dev"}, {"profile": "dev"}),
    ({"region": "eu-west-1"}, {"region": "eu-west-1"}),
    ({"request_min_compression_size_bytes": 5}, {"min_compression_bytes": 5}),
    ({"response_target": "answer.json"}, {"response_target": "answer.json"}),
    ({"sdk_ua_app_id": "shop"}, {"app_id": "shop"}),
    ({"token_provider": PART}, {"token_provider": PART}),
    ({"use_dualstack_endpoint": True}, {"use_dualstack_endpoint": True}),
    ({"use_fips_endpoint": True}, {"use_fips_endpoint": True}),
    ({"user_agent_suffix": "shop/1"}, {"user_agent_extra": "shop/1"}),
    ({"validate_params": False}, {"validate": "off"}),
    ({"adaptive_retry_wait_to_fill": False}, {"adaptive_wait": False}),
    ({"correct_clock_skew": False}, {"correct_clock_skew": False}),
    ({"max_attempts": 5}, {"max_attempts": 5}),
    ({"retry_limit": 5}, {"max_attempts": 6}),
    (
        {"retry_base_delay": 0.2, "retry_jitter": ":full", "retry_max_delay": 0},
        {"retry_mode": "legacy", "retry_base_delay": 0.2, "retry_jitter": "full"},
    ),
    (
        {"retry_max_delay": 4, "retry_jitter": plain},
        {"retry_mode": "legacy", "retry_max_delay": 4, "retry_jitter": plain},
    ),
    ({"retry_mode": "standard", "retry_base_delay": 0.2}, {"retry_mode": "standard"}),
    ({"http_continue_timeout": 2}, {"continue_timeout": 2}),
    ({"http_idle_timeout": 5}, {"keepalive_timeout": 5}),
    ({"http_open_timeout": 15}, {"connect_timeout": 15}),
    ({"http_proxy": "http://p.example:3128"}, {"proxy": "http://p.example:3128"}),
    ({"http_read_timeout": 60}, {"read_timeout": 60}),
    (
        {"http_wire_trace": True},
        {"log_mode": LogMode.REQUEST_WITH_BODY | LogMode.RESPONSE_WITH_BODY},
    ),
    ({"http_wire_trace": False}, {}),
    ({"on_chunk_received": plain}, {"on_chunk_received": plain}),
    ({"on_chunk_sent": plain}, {"on_chunk_sent": plain}),
    ({"ssl_ca_bundle": "ca.pem"}, {"ca_bundle": "ca.pem"}),
    ({"ssl_ca_directory": "certificates"}, {"ca_directory": "certificates"}),
    (
        {"ssl_cert": "c.pem", "ssl_key": "k.pem"},
        {"client_cert": "c.pem", "client_key": "k.pem"},
    ),
    ({"ssl_verify_peer": False}, {"verify_ssl": False}),
    ({"client_side_monitoring": True}, {"client_side_monitoring": True}),
    (
        {"client_side_monitoring_client_id": "shop"},
        {"client_side_monitoring_client_id": "shop"},
    ),
    ({"client_side_monitoring_host": "::1"}, {"client_side_monitoring_host": "::1"}),
    ({"client_side_monitoring_port": 31001}, {"client_side_monitoring_port": 31001}),
    ({"log_level": ":info"}, {"log_level": "info"}),
    ({"logger": PART}, {"logger": PART}),
]
WITHOUT_MEANING: list[Settings] = [
    {"account_id_endpoint_mode": "preferred", "active_endpoint_cache": True},
    {"convert_params": True, "disable_request_compression": True},
    {"disable_host_prefix_injection": True, "endpoint_discovery": True},
    {"endpoint_cache_max_entries": 1, "endpoint_cache_max_threads": 1},
    {"endpoint_cache_poll_interval": 1, "regional_endpoint": True},
    {
        "instance_profile_credentials_retries": 2,
        "instance_profile_credentials_timeout": 1,
    },
    {"plugins": [], "stub_responses": False, "raise_response_errors": True},
    {"request_checksum_calculation": "when_required"},
    {"response_checksum_validation": "when_required"},
    {"sigv4a_signing_region_set": ["*"], "ssl_timeout": 1},
]
REFUSED: list[Refused] = [
    ({"event_stream_handler": plain}, "handle(handler)"),
    ({"output_event_stream_handler": plain}, "handle(handler)"),
    ({"input_event_stream_handler": plain}, "no operation here sends events"),
    ({"plugins": [plain]}, "a function from Options to Options"),
    ({"stub_responses": True}, "with_stubs"),
    ({"instance_profile_credentials_retries": 5}, "AWS_METADATA_SERVICE_NUM_ATTEMPTS"),
    ({"instance_profile_credentials_timeout": 5}, "AWS_METADATA_SERVICE_TIMEOUT"),
    ({"retry_backoff": plain}, "a custom_backoff tells the seconds to wait"),
    ({"raise_response_errors": False}, "return_exceptions=True"),
    ({"ssl_ca_store": PART}, "ssl.SSLContext"),
    ({"client_side_monitoring_publisher": PART}, "a middleware of yours"),
    ({"log_formatter": PART}, "LogFormatter"),
    ({"telemetry_provider": PART}, "tracer_provider"),
    ({"logger": print}, "logging.StreamHandler(stream)"),
    ({"access_key_id": "AKID"}, "secret_access_key is missing"),
    ({"retry_limit": 2, "max_attempts": 2}, "retry_limit and max_attempts contradict"),
    ({"validate_params": "yes"}, "give True, False, or a mapping"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: Settings, expected: dict[str, object]
) -> None:
    assert expected == carried(settings, "ruby")


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: Settings) -> None:
    assert {} == carried(settings, "ruby")


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: Settings, advice: str
) -> None:
    assert advice in refusal(settings, "ruby")


def test_every_name_is_tried() -> None:
    assert set() == untried(RUBY, PORTED, WITHOUT_MEANING, REFUSED)
