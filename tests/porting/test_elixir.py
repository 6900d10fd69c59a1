from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.porting import ported_options
from sagemaker_rt.porting.elixir import ELIXIR
from sagemaker_rt.sansio.endpoints import KeepPrefixes
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
        {
            "access_key_id": "AKID",
            "secret_access_key": "secret",
            "session_token": "token",
        },
        {"credentials": Credentials("AKID", "secret", "token")},
    ),
    ({"enable_retries?": False}, {"retry_mode": "off"}),
    ({"enable_retries?": True}, {}),
    (
        {"endpoint": "localhost", "port": 8080, "proto": "http"},
        {"endpoint_url": "http://localhost:8080"},
    ),
    (
        {"endpoint": ("keep_prefixes", "a.example")},
        {"endpoint_url": KeepPrefixes("a.example")},
    ),
    ({"endpoint": plain}, {"endpoint_resolver": plain}),
    ({"http_client": PART}, {"http_client": PART}),
    ({"region": "local", "port": 8000}, {"region": "local", "port": 8000}),
    ({"proto": "https"}, {}),
    (
        {
            "retry_opts": {
                "max_retries": 10,
                "base_sleep_time": 5,
                "cap_sleep_time": 5000,
            }
        },
        {
            "retry_mode": "legacy",
            "max_attempts": 11,
            "retry_base_delay": 0.005,
            "retry_max_delay": 5.0,
            "retry_jitter": "full",
        },
    ),
    ({"service": "sagemaker"}, {"sigv4_signing_name": "sagemaker"}),
]
WITHOUT_MEANING: list[dict[str, Any]] = [
    {"append_sha256_content_hash": True, "retry_num": 0, "xml_module": PART},
    {"receive_body_as_binary?": True, "send_body_as_binary?": True},
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"json_module": PART}, "a body is bytes"),
    ({"proto": "ftp"}, "give 'https' or 'http'"),
    ({"endpoint": ("drop_prefixes", "a.example")}, "give ('keep_prefixes', host)"),
    ({"enable_retries?": 1}, "give True or False"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: dict[str, Any], expected: dict[str, object]
) -> None:
    options = ported_options(settings, dialect="elixir")

    assert expected == changed(options)


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: dict[str, Any]) -> None:
    options = ported_options(settings, dialect="elixir")

    assert {} == changed(options)


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: dict[str, Any], advice: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        ported_options(settings, dialect="elixir")

    assert advice in str(caught.value)


def test_every_name_is_tried() -> None:
    tried = [
        *(settings for settings, _ in PORTED),
        *WITHOUT_MEANING,
        *(settings for settings, _ in REFUSED),
    ]

    names = {name for settings in tried for name in names_in(settings)}

    assert set() == set(names_of(ELIXIR)) - names
