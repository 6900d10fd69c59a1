from __future__ import annotations

import pytest

from sagemaker_rt.identity import Credentials
from sagemaker_rt.porting.javascript import JAVASCRIPT
from sagemaker_rt.porting.units import Milliseconds
from sagemaker_rt.sansio.validation_kinds import Validation
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
        {"accessKeyId": "AKID", "secretAccessKey": "secret", "sessionToken": "token"},
        {"credentials": Credentials("AKID", "secret", "token")},
    ),
    ({"clientSideMonitoring": True}, {"client_side_monitoring": True}),
    ({"correctClockSkew": True}, {"correct_clock_skew": True}),
    ({"credentialProvider": PART}, {"credentials": PART}),
    ({"credentials": PART, "accessKeyId": "AKID"}, {"credentials": PART}),
    (
        {
            "credentials": {
                "accessKeyId": "AKID",
                "secretAccessKey": "secret",
                "sessionToken": None,
            }
        },
        {"credentials": Credentials("AKID", "secret")},
    ),
    ({"endpoint": "", "region": ""}, {}),
    (
        {"httpOptions": {"agent": {"maxSockets": float("inf")}}},
        {},  # so it is here
    ),
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
WITHOUT_MEANING: list[Settings] = [
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
REFUSED: list[Refused] = [
    ({"apiVersion": "2016-01-01"}, "there is 2017-05-13; give it"),
    ({"credentials": {"accessKey": "AKID"}}, "a mapping of accessKeyId, secretAccess"),
    ({"credentials": {"accessKeyId": "AKID"}}, "secret_access_key is missing"),
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
    settings: Settings, expected: dict[str, object]
) -> None:
    assert expected == carried(settings, "javascript")


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: Settings) -> None:
    assert {} == carried(settings, "javascript")


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: Settings, advice: str
) -> None:
    assert advice in refusal(settings, "javascript")


def test_every_name_is_tried() -> None:
    assert set() == untried(JAVASCRIPT, PORTED, WITHOUT_MEANING, REFUSED)
