from __future__ import annotations

import pytest

from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.porting.go import GO
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
    ({"APIOptions": [plain]}, {"api_options": (plain,)}),
    ({"AppID": "shop"}, {"app_id": "shop"}),
    ({"AuthSchemePreference": ["noAuth"]}, {"auth_scheme_preference": ("noAuth",)}),
    ({"AuthSchemeResolver": plain}, {"auth_scheme_resolver": plain}),
    ({"AuthSchemes": [PART]}, {"auth_schemes": (PART,)}),
    ({"BaseEndpoint": "https://a.example/b"}, {"endpoint_url": "https://a.example/b"}),
    ({"BearerAuthTokenProvider": PART}, {"token_provider": PART}),
    (
        {"ClientLogMode": "aws.LogRetries | aws.LogRequestWithBody"},
        {"log_mode": LogMode.RETRIES | LogMode.REQUEST_WITH_BODY},
    ),
    ({"ClientLogMode": LogMode.SIGNING}, {"log_mode": LogMode.SIGNING}),
    ({"Credentials": PART}, {"credentials": PART}),
    ({"DefaultsMode": "in-region"}, {"defaults_mode": "in-region"}),
    ({"EndpointOptions": {"DisableHTTPS": True}}, {"use_ssl": False}),
    ({"EndpointOptions": {"DisableHTTPS": False}}, {}),
    (
        {"EndpointOptions": {"UseDualStackEndpoint": 1}},
        {"use_dualstack_endpoint": True},
    ),
    (
        {"EndpointOptions": {"UseFIPSEndpoint": "aws.FIPSEndpointStateEnabled"}},
        {"use_fips_endpoint": True},
    ),
    ({"EndpointResolver": plain}, {"endpoint_resolver": plain}),
    ({"EndpointResolverV2": PART}, {"endpoint_resolver_v2": PART}),
    ({"HTTPClient": PART}, {"http_client": PART}),
    ({"HTTPSignerV4": PART}, {"signer": PART}),
    ({"Logger": PART}, {"logger": PART}),
    ({"MeterProvider": PART}, {"meter_provider": PART}),
    (
        {"DefaultsMode": "aws.DefaultsModeInRegion"},
        {"defaults_mode": "in-region"},
    ),
    ({"AppID": "", "RetryMode": "", "ClientLogMode": 0, "RetryMaxAttempts": 0}, {}),
    ({"Region": "eu-west-1"}, {"region": "eu-west-1"}),
    ({"RequestMinCompressSizeBytes": 1}, {"min_compression_bytes": 1}),
    ({"RetryMaxAttempts": 5}, {"max_attempts": 5}),
    ({"RetryMaxAttempts": 0}, {}),
    ({"RetryMode": "aws.RetryModeAdaptive"}, {"retry_mode": "adaptive"}),
    ({"Retryer": PART}, {"retryer": PART}),
    ({"SigV4SigningName": "other"}, {"sigv4_signing_name": "other"}),
    ({"SigV4SigningRegion": "eu-west-2"}, {"sigv4_signing_region": "eu-west-2"}),
    ({"TracerProvider": PART}, {"tracer_provider": PART}),
    (
        {"DefaultsMode": "aws.DefaultsModeInRegion"},
        {"defaults_mode": "in-region"},
    ),
    ({"AppID": "", "RetryMode": "", "ClientLogMode": 0, "RetryMaxAttempts": 0}, {}),
    ({"Region": None}, {}),
]
WITHOUT_MEANING: list[Settings] = [
    {"DisableRequestCompression": True},
    {"EndpointOptions": {"LogDeprecated": True, "Logger": PART, "ResolvedRegion": "a"}},
    {"RuntimeEnvironment": {}},
]
REFUSED: list[Refused] = [
    ({"Interceptors": []}, "with_api_options"),
    (
        {"EndpointOptions": True},
        "EndpointOptions cannot be carried over: give a mapping",
    ),
    ({"RetryMaxAttempts": -1}, "RetryMaxAttempts cannot be carried over: give an int"),
    ({"ClientLogMode": "LogNothing"}, "flags are OFF, REQUEST, "),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: Settings, expected: dict[str, object]
) -> None:
    assert expected == carried(settings, "go")


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: Settings) -> None:
    assert {} == carried(settings, "go")


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: Settings, advice: str
) -> None:
    assert advice in refusal(settings, "go")


def test_every_name_is_tried() -> None:
    assert set() == untried(GO, PORTED, WITHOUT_MEANING, REFUSED)
