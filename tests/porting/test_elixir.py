from __future__ import annotations

import pytest

from sagemaker_rt.identity import Credentials
from sagemaker_rt.porting.elixir import ELIXIR
from sagemaker_rt.sansio.endpoints import KeepPrefixes
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
WITHOUT_MEANING: list[Settings] = [
    {"json_module": ("AWS.JSON", [])},
    {"append_sha256_content_hash": True, "retry_num": 0, "xml_module": PART},
    {"receive_body_as_binary?": True, "send_body_as_binary?": True},
]
REFUSED: list[Refused] = [
    ({"json_module": PART}, "a body is bytes"),
    ({"proto": "ftp"}, "give 'https' or 'http'"),
    ({"endpoint": ("drop_prefixes", "a.example")}, "give ('keep_prefixes', host)"),
    ({"enable_retries?": 1}, "give True or False"),
]


@pytest.mark.parametrize(("settings", "expected"), PORTED, ids=str)
def test_a_setting_leads_to_its_option(
    settings: Settings, expected: dict[str, object]
) -> None:
    assert expected == carried(settings, "elixir")


@pytest.mark.parametrize("settings", WITHOUT_MEANING, ids=str)
def test_what_has_no_meaning_here_is_taken(settings: Settings) -> None:
    assert {} == carried(settings, "elixir")


@pytest.mark.parametrize(("settings", "advice"), REFUSED, ids=str)
def test_what_cannot_be_carried_over_says_what_to_do_instead(
    settings: Settings, advice: str
) -> None:
    assert advice in refusal(settings, "elixir")


def test_every_name_is_tried() -> None:
    assert set() == untried(ELIXIR, PORTED, WITHOUT_MEANING, REFUSED)
