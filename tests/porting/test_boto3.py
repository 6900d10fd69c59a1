from __future__ import annotations

import ssl
from typing import Any

import pytest
from botocore import UNSIGNED

from sagemaker_rt.identity import AnonymousCredentials, Credentials
from sagemaker_rt.porting.boto3 import BOTO3
from tests.porting.reading import (
    Ported,
    Refused,
    Settings,
    carried,
    refusal,
    untried,
)

CONTEXT = ssl.create_default_context()

PORTED: list[Ported] = [
    (
        {
            "aws_access_key_id": "AKID",
            "aws_secret_access_key": "secret",
            "aws_session_token": "token",
            "aws_account_id": "123456789012",
        },
        {
            "credentials": Credentials(
                "AKID", "secret", "token", account_id="123456789012"
            )
        },
    ),
    (
        {"endpoint_url": "http://localhost:8080"},
        {"endpoint_url": "http://localhost:8080"},
    ),
    ({"profile_name": "dev"}, {"profile": "dev"}),
    (
        {"region_name": "eu-west-1", "service_name": "sagemaker-runtime"},
        {"region": "eu-west-1"},
    ),
    ({"use_ssl": False}, {"use_ssl": False}),
    ({"verify": False}, {"verify_ssl": False}),
    ({"verify": "ca.pem"}, {"ca_bundle": "ca.pem"}),
    (
        {"auth_scheme_preference": "sigv4, httpBearerAuth"},
        {"auth_scheme_preference": ("sigv4", "httpBearerAuth")},
    ),
    ({"auth_scheme_preference": ["sigv4"]}, {"auth_scheme_preference": ("sigv4",)}),
    ({"client_cert": "c.pem"}, {"client_cert": "c.pem"}),
    (
        {"client_cert": ("c.pem", "k.pem")},
        {"client_cert": "c.pem", "client_key": "k.pem"},
    ),
    ({"connect_timeout": 60}, {"connect_timeout": 60}),
    (
        {
            "connector_args": {
                "keepalive_timeout": 12,
                "limit": 20,
                "ssl_context": CONTEXT,
            }
        },
        {"keepalive_timeout": 12, "max_connections": 20, "ssl_context": CONTEXT},
    ),
    ({"defaults_mode": "in-region"}, {"defaults_mode": "in-region"}),
    (
        {"ignore_configured_endpoint_urls": True},
        {"ignore_configured_endpoint_urls": True},
    ),
    ({"max_pool_connections": 10}, {"max_connections": 10}),
    ({"parameter_validation": False}, {"validate": "off"}),
    (
        {"proxies": {"http": "http://p.example", "https": "http://q.example"}},
        {"http_proxy": "http://p.example", "https_proxy": "http://q.example"},
    ),
    ({"read_timeout": 60}, {"read_timeout": 60}),
    ({"request_min_compression_size_bytes": 5}, {"min_compression_bytes": 5}),
    (
        {"retries": {"max_attempts": 4, "mode": "standard"}},
        {"max_attempts": 5, "retry_mode": "standard"},
    ),
    ({"retries": {"total_max_attempts": 4}}, {"max_attempts": 4}),
    ({"signature_version": UNSIGNED}, {"credentials": AnonymousCredentials()}),
    ({"connector_args": {"limit_per_host": 8}}, {"max_connections_per_host": 8}),
    ({"tcp_keepalive": False}, {"tcp_keepalive": False}),
    ({"use_dualstack_endpoint": True}, {"use_dualstack_endpoint": True}),
    ({"use_fips_endpoint": True}, {"use_fips_endpoint": True}),
    ({"user_agent_appid": "shop"}, {"app_id": "shop"}),
    ({"user_agent_extra": "shop/1"}, {"user_agent_extra": "shop/1"}),
]
WITHOUT_MEANING: list[Settings] = [
    {"api_version": "2017-05-13", "account_id_endpoint_mode": "disabled"},
    {"client_context_params": {}, "disable_request_compression": True},
    {"endpoint_discovery_enabled": True, "inject_host_prefix": True},
    {"proxies_config": {}, "s3": {}, "sigv4a_signing_region_set": "*"},
    {"request_checksum_calculation": "when_required"},
    {"response_checksum_validation": "when_required"},
    {"signature_version": "v4", "verify": True},
]
REFUSED: list[Refused] = [
    ({"config": CONTEXT}, "as settings of their own"),
    ({"service_name": "s3"}, "it is 'sagemaker-runtime'"),
    ({"connector_args": {"force_close": True}}, "AiohttpClient"),
    ({"http_session_cls": Any}, "an http_client is anything"),
    ({"proxies_config": {"proxy_ca_bundle": "ca.pem"}}, "ssl_context"),
    ({"client_cert": ("c.pem",)}, "give the path of a certificate, or"),
    ({"user_agent": "shop"}, "app_id"),
    ({"signature_version": "s3"}, "Signature Version 4 alone"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: Settings, expected: dict[str, object]
) -> None:
    assert expected == carried(settings, "boto3")


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: Settings) -> None:
    assert {} == carried(settings, "boto3")


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: Settings, advice: str
) -> None:
    assert advice in refusal(settings, "boto3")


def test_every_name_is_tried() -> None:
    assert set() == untried(BOTO3, PORTED, WITHOUT_MEANING, REFUSED)
