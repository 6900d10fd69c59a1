from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import ServiceUnavailable
from sagemaker_rt.log_mode import LogMode
from sagemaker_rt.porting import conversions
from sagemaker_rt.porting.conversions import Milliseconds


def test_a_function_that_tells_milliseconds_becomes_one_of_seconds() -> None:
    error = ServiceUnavailable("later")
    told: list[object] = []

    def function(retry: int, given: object) -> float:
        told.append((retry, given))
        return 250

    delay = conversions.backoff_of(function)(2, error)

    assert (0.25, [(2, error)]) == (delay, told)
    assert Milliseconds(function) == conversions.backoff_of(function)


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
    ("function", "value", "wanted"),
    [
        (conversions.whole, True, "an int of at least 0"),
        (conversions.whole, 1.5, "an int of at least 0"),
        (conversions.attempts_after, -1, "an int of at least 0"),
        (conversions.milliseconds, -1, "a number of at least 0"),
        (conversions.milliseconds, True, "a number of at least 0"),
        (conversions.seconds_or_unset, "1", "a number of at least 0"),
        (conversions.offset_in_milliseconds, True, "a number of milliseconds"),
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
        (conversions.backoff_of, 1, "a function of the retry's number"),
        (conversions.logger, print, "a logging.Logger"),
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
