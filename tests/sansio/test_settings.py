from __future__ import annotations

import pytest

from sagemaker_rt.errors import SharedConfigError
from sagemaker_rt.sansio.settings import Setting, Settings
from sagemaker_rt.sansio.shared_config import parse

CONFIG = """
[default]
some_setting = from the profile
empty =
[profile p]
b = 2
"""


def settings(text: str = CONFIG, **environ: str) -> Settings:
    return Settings(
        environ=environ,
        profiles=parse(text, kind="config", file="config"),
        profile=environ.get("AWS_PROFILE", "default"),
    )


def test_a_blank_variable_is_unset() -> None:
    found = settings(A=" x ", B=" ", C="")

    assert ["x", None, None, None] == [found.variable(name) for name in "ABCD"]


def test_the_section_is_that_of_the_profile_in_use() -> None:
    assert {"b"} == settings(AWS_PROFILE="p").section.keys()
    assert {} == settings(AWS_PROFILE="missing").section


def test_a_variable_takes_precedence_over_the_profile() -> None:
    found = settings(AWS_SOME_SETTING="x").setting("AWS_SOME_SETTING")

    assert Setting("x", "environment variable AWS_SOME_SETTING") == found


def test_the_first_variable_that_is_set_counts() -> None:
    found = settings(A=" ", B="2", C="3")

    assert Setting("2", "environment variable B") == found.setting("A", "B", "C")
    assert Setting("2", "environment variable B") == found.from_environment("B", "C")
    assert found.from_environment("A") is None


def test_a_property_is_found_with_its_line() -> None:
    found = settings().setting("AWS_SOME_SETTING", "OTHER")

    assert Setting("from the profile", "some_setting in config, line 3") == found


@pytest.mark.parametrize("name", ["AWS_EMPTY", "AWS_OTHER"])
def test_a_setting_that_is_nowhere_or_empty_is_unset(name: str) -> None:
    assert settings().setting(name) is None


def test_the_repr_hides_values() -> None:
    found = settings("[default]\nkey = hush\n", SECRET="hush")

    assert "hush" not in repr([found, found.setting("SECRET"), found.setting("KEY")])


URLS = """
[default]
endpoint_url = https://profile
services = s
[services s]
sts =
  endpoint_url = https://section
sso =
  endpoint_url =
"""
IN_ENVIRONMENT = {"AWS_ENDPOINT_URL_STS": "https://a", "AWS_ENDPOINT_URL": "https://b"}
IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


@pytest.mark.parametrize(
    ("text", "environ", "service", "expected"),
    [
        ("", {}, "STS", None),
        (
            URLS,
            IN_ENVIRONMENT,
            "STS",
            Setting("https://a", "environment variable AWS_ENDPOINT_URL_STS"),
        ),
        (
            URLS,
            IN_ENVIRONMENT,
            "SSO",
            Setting("https://b", "environment variable AWS_ENDPOINT_URL"),
        ),
        (
            URLS,
            {IGNORE: "false"},
            "STS",
            Setting("https://section", "endpoint_url in config, line 7"),
        ),
        (
            URLS,
            {},
            "SSO",
            Setting("https://profile", "endpoint_url in config, line 3"),
        ),
        (URLS, {IGNORE: "TRUE"}, "STS", None),
        (
            "[default]\nignore_configured_endpoint_urls = true\n",
            IN_ENVIRONMENT,
            "STS",
            None,
        ),
    ],
)
def test_the_most_specific_endpoint_url_counts(
    text: str, environ: dict[str, str], service: str, expected: Setting | None
) -> None:
    assert expected == settings(text, **environ).endpoint_url(service)


def test_a_configured_endpoint_url_is_found_even_if_those_are_ignored() -> None:
    found = settings(**IN_ENVIRONMENT, **{IGNORE: "true"})

    expected = Setting("https://a", "environment variable AWS_ENDPOINT_URL_STS")
    assert expected == found.configured_endpoint_url("STS")


def test_a_services_section_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(SharedConfigError):
        settings("[default]\nservices = missing\n").endpoint_url("STS")
