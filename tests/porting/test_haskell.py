from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.porting import ported_options
from sagemaker_rt.porting.haskell import HASKELL
from tests.porting.reading import changed, names_in, names_of


def plain(*args: Any, **kwargs: Any) -> Any:
    """A function, for whatever wants one."""


class Part:
    """A part that has the methods of several."""

    debug = log = send = aclose = sign = retrieve = decide = plain
    resolve_endpoint = get_tracer = get_meter = plain


PART = Part()

PORTED: list[tuple[dict[str, Any], dict[str, object]]] = [
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
WITHOUT_MEANING: list[dict[str, Any]] = [
    {"abbrev": "SageMakerRuntime", "endpointPrefix": "runtime.sagemaker"},
    {"version": "2017-05-13"},
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"overrides": plain}, "with_…"),
    ({"retry": {"check": plain}}, "a retryer decides"),
    ({"retry": {"growth": 3}}, "a custom_backoff tells others"),
    ({"retryCheck": plain}, "a retryer decides"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: dict[str, Any], expected: dict[str, object]
) -> None:
    options = ported_options(settings, dialect="haskell")

    assert expected == changed(options)


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: dict[str, Any]) -> None:
    options = ported_options(settings, dialect="haskell")

    assert {} == changed(options)


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: dict[str, Any], advice: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        ported_options(settings, dialect="haskell")

    assert advice in str(caught.value)


def test_every_name_is_tried() -> None:
    tried = [
        *(settings for settings, _ in PORTED),
        *WITHOUT_MEANING,
        *(settings for settings, _ in REFUSED),
    ]

    names = {name for settings in tried for name in names_in(settings)}

    assert set() == set(names_of(HASKELL)) - names
