from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.porting import ported_options
from sagemaker_rt.porting.conversions import Milliseconds
from sagemaker_rt.porting.javascript import JAVASCRIPT
from sagemaker_rt.sansio.validation_kinds import Validation
from tests.porting.reading import changed, names_in, names_of


def plain(*args: Any, **kwargs: Any) -> Any:
    """A function, for whatever wants one."""


class Part:
    """A part that has the methods of several."""

    debug = log = send = aclose = sign = retrieve = decide = plain
    resolve_endpoint = get_tracer = get_meter = plain


PART = Part()

PORTED: list[tuple[dict[str, Any], dict[str, object]]] = [
    (
        {"accessKeyId": "AKID", "secretAccessKey": "secret", "sessionToken": "token"},
        {"credentials": Credentials("AKID", "secret", "token")},
    ),
    ({"clientSideMonitoring": True}, {"client_side_monitoring": True}),
    ({"correctClockSkew": True}, {"correct_clock_skew": True}),
    ({"credentialProvider": PART}, {"credentials": PART}),
    ({"credentials": PART, "accessKeyId": "AKID"}, {"credentials": PART}),
    ({"customUserAgent": "shop/1"}, {"user_agent_extra": "shop/1"}),
    ({"endpoint": "a.example"}, {"endpoint_url": "https://a.example"}),
    (
        {"endpoint": "localhost:8080", "sslEnabled": False},
        {"endpoint_url": "http://localhost:8080"},
    ),
    (
        {"httpOptions": {"agent": {"maxSockets": 50, "maxTotalSockets": 60}}},
        {"max_connections_per_host": 50, "max_connections": 60},
    ),
    (
        {"httpOptions": {"connectTimeout": 5000, "timeout": 120000}},
        {"connect_timeout": 5.0, "read_timeout": 120.0},
    ),
    ({"httpOptions": {"timeout": 0}}, {"read_timeout": None}),
    (
        {"httpOptions": {"proxy": "http://p.example:3128"}},
        {"proxy": "http://p.example:3128"},
    ),
    ({"logger": PART}, {"logger": PART}),
    ({"maxRedirects": 2}, {"max_redirects": 2}),
    ({"maxRetries": 0}, {"max_attempts": 1}),
    ({"maxRetries": 4}, {"max_attempts": 5}),
    ({"paramValidation": True}, {}),
    (
        {"paramValidation": {"min": True, "pattern": True}},
        {"validate": Validation(min=True, pattern=True)},
    ),
    ({"region": "eu-west-1"}, {"region": "eu-west-1"}),
    (
        {"retryDelayOptions": {"base": 300}},
        {"retry_mode": "legacy", "retry_base_delay": 0.3, "retry_jitter": "full"},
    ),
    (
        {"retryDelayOptions": {"customBackoff": plain}},
        {"custom_backoff": Milliseconds(plain)},
    ),
    ({"sslEnabled": False}, {"use_ssl": False}),
    ({"systemClockOffset": -1500}, {"clock_offset": -1.5}),
    ({"useDualstackEndpoint": True}, {"use_dualstack_endpoint": True}),
    ({"useFipsEndpoint": True}, {"use_fips_endpoint": True}),
]
WITHOUT_MEANING: list[dict[str, Any]] = [
    {"apiVersion": "2017-05-13"},
    {"apiVersion": "latest"},
    {"apiVersions": {"sagemakerruntime": "2020-01-01"}},
    {"computeChecksums": True, "convertResponseTypes": True, "dynamoDbCrc32": True},
    {"endpointCacheSize": 1000, "endpointDiscoveryEnabled": True},
    {"hostPrefixEnabled": True, "stsRegionalEndpoints": "regional"},
    {"httpOptions": {"agent": {"keepAlive": True}}},
    {"httpOptions": {"xhrAsync": True, "xhrWithCredentials": True}},
    {"s3BucketEndpoint": True, "s3DisableBodySigning": True},
    {"s3ForcePathStyle": True, "s3UsEast1RegionalEndpoint": "regional"},
    {"s3UseArnRegion": True, "useAccelerateEndpoint": True},
    {"signatureCache": True, "signatureVersion": "v4"},
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"apiVersion": "2016-01-01"}, "there is 2017-05-13; give it"),
    ({"signatureVersion": "v2"}, "the service takes Signature Version 4 alone"),
    ({"params": {"EndpointName": "a"}}, "BoundClient"),
    ({"endpoint": "https://{service}.{region}.a.example"}, "without placeholders"),
    (
        {"httpOptions": {"timeOut": 1}},
        "there is no setting 'httpOptions.timeOut'; did you mean 'timeout'?",
    ),
    ({"paramValidation": {"length": True}}, "a mapping of enum, max, min, pattern"),
    ({"retryDelayOptions": {"customBackoff": 100}}, "give a function"),
    ({"retryDelayOptions": {"base": "100"}}, "give a number of at least 0"),
    ({"systemClockOffset": "1"}, "give a number of milliseconds"),
    ({"region": 1}, "region cannot be carried over: give text"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: dict[str, Any], expected: dict[str, object]
) -> None:
    options = ported_options(settings, dialect="javascript")

    assert expected == changed(options)


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: dict[str, Any]) -> None:
    options = ported_options(settings, dialect="javascript")

    assert {} == changed(options)


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: dict[str, Any], advice: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        ported_options(settings, dialect="javascript")

    assert advice in str(caught.value)


def test_every_name_is_tried() -> None:
    tried = [
        *(settings for settings, _ in PORTED),
        *WITHOUT_MEANING,
        *(settings for settings, _ in REFUSED),
    ]

    names = {name for settings in tried for name in names_in(settings)}

    assert set() == set(names_of(JAVASCRIPT)) - names
