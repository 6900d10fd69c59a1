from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.invocation.components import changed, make_http_client, make_retryer
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.retry import NopRetryer, RetryQuota, StandardRetryer
from sagemaker_rt.transport.aiohttp_client import AiohttpClient


def made(**fields: Any) -> object:
    return make_retryer(Options(**fields).retry, RetryQuota())


@pytest.mark.parametrize(
    ("fields", "max_attempts"),
    [
        ({}, 3),
        ({"max_attempts": 7}, 7),
        ({"retry_mode": "adaptive"}, 3),
        ({"retry_mode": "legacy"}, 4),
        ({"retry_mode": "legacy", "max_attempts": 1}, 1),
    ],
)
def test_each_mode_has_its_number_of_attempts(
    fields: dict[str, Any], max_attempts: int
) -> None:
    retryer = made(**fields)

    assert isinstance(retryer, StandardRetryer)
    assert max_attempts == retryer.max_attempts


def test_a_retryer_that_was_given_is_taken() -> None:
    given = NopRetryer()

    assert given is made(retryer=given, retry_mode="legacy")


def test_no_retries_is_a_retryer_too() -> None:
    assert isinstance(made(retry_mode="off"), NopRetryer)


@pytest.mark.parametrize(
    ("name", "value"),
    [("retry_base_delay", 0.1), ("retry_max_delay", 1.0), ("retry_jitter", "full")],
)
def test_an_option_of_another_mode_is_refused(name: str, value: object) -> None:
    with pytest.raises(OptionsError) as caught:
        made(**{name: value})

    message = f"{name} is of retry_mode='legacy'; the mode is 'standard'"
    assert message == str(caught.value)


def test_the_legacy_mode_leaves_the_quota_of_the_client_alone() -> None:
    quota = RetryQuota()
    standard = make_retryer(Options().retry, quota)
    legacy = make_retryer(Options(retry_mode="legacy").retry, quota)

    assert isinstance(standard, StandardRetryer)
    assert isinstance(legacy, StandardRetryer)
    assert quota is standard.quota
    assert quota is not legacy.quota


def test_what_connections_are_made_of_is_told_apart() -> None:
    options = Options(max_connections=5)

    assert [] == changed(options, options.replace(read_timeout=1.5))
    assert ["max_connections", "profile"] == changed(
        options, options.replace(max_connections=6, profile="other")
    )


def test_each_proxy_is_settled_with_the_client() -> None:
    names = ["proxy", "https_proxy", "http_proxy", "no_proxy"]
    options = Options().replace(**dict.fromkeys(names, "http://a:1"))

    assert names == changed(Options(), options)


def test_each_property_of_connections_is_settled_with_the_client() -> None:
    fields = {
        "max_connections_per_host": 1,
        "tcp_keepalive": False,
        "expect_continue": True,
        "continue_timeout": 2.0,
        "ca_directory": "/a",
        "client_cert": "/b",
        "client_key": "/c",
        "client_key_password": "hush",
        "verify_ssl": False,
    }

    assert [*fields] == changed(Options(), Options().replace(**fields))


async def test_connections_are_made_without_opening_one() -> None:
    http_client = make_http_client(Options())

    assert isinstance(http_client, AiohttpClient)
    await http_client.aclose()
