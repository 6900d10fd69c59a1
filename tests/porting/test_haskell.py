from __future__ import annotations

import pytest

from sagemaker_rt.porting.haskell import HASKELL
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
    ({"auth": PART}, {"credentials": PART}),
    (
        {"endpoint": {"host": "localhost", "port": 8080, "secure": False}},
        {"endpoint_url": "http://localhost:8080"},
    ),
    ({"logger": PART}, {"logger": PART}),
    ({"manager": PART}, {"http_client": PART}),
    ({"region": "eu-west-1"}, {"region": "eu-west-1"}),
    (
        {"retry": {"attempts": 5, "base": 0.05, "growth": 2}},
        {"retry_mode": "legacy", "max_attempts": 6, "retry_base_delay": 0.05},
    ),
    ({"signingName": "sagemaker"}, {"sigv4_signing_name": "sagemaker"}),
    ({"timeout": 70}, {}),
    ({"timeout": 80}, {"read_timeout": 80}),
]
WITHOUT_MEANING: list[Settings] = [
    {"abbrev": "SageMakerRuntime", "endpointPrefix": "runtime.sagemaker"},
    {"version": "2017-05-13"},
]
REFUSED: list[Refused] = [
    ({"region": "NorthVirginia"}, "give the region by its own name"),
    ({"overrides": plain}, "with_…"),
    ({"retry": {"check": plain}}, "a retryer decides"),
    ({"retry": {"growth": 3}}, "a custom_backoff tells others"),
    ({"retryCheck": plain}, "a retryer decides"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: Settings, expected: dict[str, object]
) -> None:
    assert expected == carried(settings, "haskell")


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: Settings) -> None:
    assert {} == carried(settings, "haskell")


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: Settings, advice: str
) -> None:
    assert advice in refusal(settings, "haskell")


def test_every_name_is_tried() -> None:
    assert set() == untried(HASKELL, PORTED, WITHOUT_MEANING, REFUSED)
