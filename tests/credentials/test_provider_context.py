from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_rt.credentials.provider_context import ProviderContext
from sagemaker_rt.errors import CredentialsError
from sagemaker_rt.sansio.proxies import Proxies
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from tests.credentials.services import make_context


def test_a_blank_variable_is_unset() -> None:
    context = make_context(A=" x ", B=" ", C="")

    assert ["x", None, None, None] == [context.variable(name) for name in "ABCD"]


def test_the_profile_in_use_has_its_section() -> None:
    context = make_context("[default]\na = 1\n[profile p]\nb = 2\n", AWS_PROFILE="p")

    assert {"b"} == context.section.keys()
    assert {} == make_context(AWS_PROFILE="nobody").section


def test_paths_are_below_the_home_folder() -> None:
    assert Path("/h/.aws/sso/a") == make_context(HOME="/h").aws_path("sso", "a")
    assert Path("/u/.aws/x") == make_context(USERPROFILE="/u").aws_path("x")
    with pytest.raises(CredentialsError, match="no home folder to look for sso/a in"):
        make_context().aws_path("sso", "a")


async def test_services_are_asked_by_a_client_of_their_own() -> None:
    context = ProviderContext(environ={"SECRET": "hush"})

    client = context.make_http_client()

    assert isinstance(client, AiohttpClient)
    assert client is not context.make_http_client()
    assert "hush" not in repr(context)


async def test_a_client_is_made_for_whom_it_asks() -> None:
    context = ProviderContext(environ={}, proxies=Proxies(http="http://me:hush@a:1"))

    clients = [context.http_client(is_local=is_local) for is_local in (True, False)]

    assert all(isinstance(client, AiohttpClient) for client in clients)
    assert "hush" not in repr(context)


def test_a_setting_is_of_the_environment_or_of_the_profile() -> None:
    text = "[default]\nsome_setting = of the profile\nempty =\n"

    of_profile = make_context(text).setting("AWS_SOME_SETTING")
    of_environment = make_context(text, AWS_SOME_SETTING="x").setting(
        "AWS_SOME_SETTING"
    )

    assert ("of the profile", "some_setting in config, line 2") == of_profile
    assert ("x", "environment variable AWS_SOME_SETTING") == of_environment
    assert make_context(text).setting("AWS_EMPTY") is None
    assert make_context(text).setting("AWS_OTHER") is None


URLS = """
[default]
endpoint_url = https://of-the-profile
services = s
[services s]
sts =
  endpoint_url = https://of-the-section
"""


@pytest.mark.parametrize(
    ("text", "environ", "service", "expected"),
    [
        ("", {}, "STS", None),
        (
            URLS,
            {"AWS_ENDPOINT_URL_STS": "https://a", "AWS_ENDPOINT_URL": "https://b"},
            "STS",
            ("https://a", "environment variable AWS_ENDPOINT_URL_STS"),
        ),
        (
            URLS,
            {"AWS_ENDPOINT_URL": "https://b"},
            "STS",
            ("https://b", "environment variable AWS_ENDPOINT_URL"),
        ),
        (URLS, {}, "STS", ("https://of-the-section", "endpoint_url in config, line 7")),
        (URLS, {}, "SSO", ("https://of-the-profile", "endpoint_url in config, line 3")),
        (URLS, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"}, "STS", None),
        (
            "[default]\nignore_configured_endpoint_urls = true\n",
            {"AWS_ENDPOINT_URL": "https://b"},
            "STS",
            None,
        ),
    ],
)
def test_a_service_may_be_elsewhere_by_the_rules_of_the_sdks(
    text: str,
    environ: dict[str, str],
    service: str,
    expected: tuple[str, str] | None,
) -> None:
    assert expected == make_context(text, **environ).endpoint_url(service)
