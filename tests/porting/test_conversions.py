from __future__ import annotations

import logging
from typing import Any

import pytest
from botocore import UNSIGNED

from sagemaker_rt.identity import AnonymousCredentials
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.porting import conversions
from sagemaker_rt.sansio.endpoints import KeepPrefixes
from sagemaker_rt.sansio.validation_kinds import Validation

LOGGER = logging.getLogger("shop")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        (0, None),
        (1, True),
        (2, False),
        ("aws.DualStackEndpointStateDisabled", False),
        ("FIPSEndpointStateUnset", None),
        ("Enabled", True),
    ],
)
def test_a_state_is_a_switch_that_may_be_unset(
    value: object, expected: bool | None
) -> None:
    assert expected is conversions.state(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("LogSigning", LogMode.SIGNING),
        ("aws.LogRetries|LogResponse", LogMode.RETRIES | LogMode.RESPONSE),
        ("LogDeprecatedUsage", LogMode.DEPRECATED_USAGE),
        ("LogRequestEventMessage", LogMode.REQUEST_EVENT_MESSAGE),
    ],
)
def test_flags_have_the_names_of_the_other_sdk(value: str, expected: LogMode) -> None:
    assert expected == conversions.log_mode(value)


@pytest.mark.parametrize("value", ["2017-05-13", "2026-01-01", "latest"])
def test_the_only_version_has_several_names(value: str) -> None:
    assert {} == conversions.api_version(value)


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (conversions.text, ":full", "full"),
        (conversions.retries_or_none, False, {"retry_mode": "off"}),
        (conversions.retries_or_none, True, {}),
        (conversions.mode_of_retries, "RetryModeStandard", "standard"),
        (conversions.jitter, abs, abs),
        (conversions.jitter, ":equal", "equal"),
        (conversions.opposite, True, False),
        (conversions.validation, False, False),
        (conversions.validation, {"max": True}, Validation(max=True)),
        (conversions.log_mode, LogMode.RETRIES, LogMode.RETRIES),
        (conversions.log_mode, 0, LogMode.OFF),
        (conversions.mode_of_defaults, "aws.DefaultsModeCrossRegion", "cross-region"),
        (conversions.mode_of_defaults, ":standard", "standard"),
        (conversions.region, "us-east-1", "us-east-1"),
        (conversions.credentials_or_keys, LOGGER, {"credentials": LOGGER}),
        (conversions.wire_trace, False, LogMode.OFF),
        (
            conversions.wire_trace,
            True,
            LogMode.REQUEST_WITH_BODY | LogMode.RESPONSE_WITH_BODY,
        ),
        (conversions.logger, LOGGER, LOGGER),
        (conversions.is_encrypted, "http", False),
        (conversions.service, "sagemaker-runtime", {}),
        (conversions.signature_version, "v4", {}),
        (
            conversions.signature_version,
            UNSIGNED,
            {"credentials": AnonymousCredentials()},
        ),
        (conversions.names, "sigv4, noAuth", ("sigv4", "noAuth")),
        (conversions.names, ["sigv4"], ["sigv4"]),
        (conversions.endpoint, "localhost", {"host": "localhost"}),
        (conversions.endpoint, "http://a", {"url": "http://a"}),
        (conversions.endpoint_of_elixir, abs, {"endpoint_resolver": abs}),
        (conversions.endpoint_of_elixir, "localhost", {"host": "localhost"}),
        (
            conversions.endpoint_of_elixir,
            (":keep_prefixes", "a.example"),
            {"endpoint_url": KeepPrefixes("a.example")},
        ),
        (conversions.verification, False, {"verify_ssl": False}),
        (conversions.verification, "ca.pem", {"ca_bundle": "ca.pem"}),
        (conversions.certificate, "c.pem", {"client_cert": "c.pem"}),
        (
            conversions.certificate,
            ["c.pem", "k.pem"],
            {"client_cert": "c.pem", "client_key": "k.pem"},
        ),
    ],
)
def test_forms_become_those_of_options(
    function: Any, value: object, expected: object
) -> None:
    assert expected == function(value)


@pytest.mark.parametrize(
    ("function", "value", "wanted"),
    [
        (conversions.text, 1, "text"),
        (conversions.opposite, "no", "True or False"),
        (conversions.state, 3, "True or False"),
        (conversions.state, None, "True or False"),
        (conversions.api_version, "2017-05-12", "a later date"),
        (conversions.api_version, "tomorrow", "a later date"),
        (conversions.api_version, 2017, "a later date"),
        (conversions.signature_version, "v3", "'v4'"),
        (conversions.signature_version, 4, "'v4'"),
        (conversions.signature_version, ["v4"], "'v4'"),
        (conversions.validation, {"length": True}, "a mapping of enum, max, min"),
        (conversions.logger, print, "a logging.Logger"),
        (conversions.region, "Ireland", "by its own name"),
        (conversions.credentials_or_keys, {"key": "a"}, "a mapping of accessKeyId"),
        (conversions.certificate, ("a", "b", "c"), "(certificate, key)"),
        (conversions.endpoint, "https://{region}.example", "without placeholders"),
        (conversions.endpoint_of_elixir, ("drop", "a"), "('keep_prefixes', host)"),
        (conversions.is_encrypted, "h2", "'https' or 'http'"),
        (conversions.service, "s3", "'sagemaker-runtime'"),
        (conversions.log_mode, "LogAll", "flags are OFF, "),
    ],
)
def test_what_cannot_be_converted_says_what_is_wanted(
    function: Any, value: object, wanted: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        function(value)

    assert wanted in str(caught.value)
