from __future__ import annotations

from ssl import SSLContext, create_default_context
from typing import Any, Final

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.invocation.default_components import (
    make_http_client,
    make_retryer,
    require_client_options,
    require_default_connections,
)
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.retry import NopRetryer, RetryQuota, StandardRetryer
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.native.client import NativeClient
from tests.invocation.compiling import CREDENTIALS

# options that the default credentials providers use too, with values
OF_PROVIDERS: Final[list[tuple[str, object]]] = [
    ("proxy", "http://a:1"),
    ("https_proxy", "http://a:1"),
    ("http_proxy", "http://a:1"),
    ("no_proxy", "a"),
    ("ssl_context", create_default_context()),
    ("ca_bundle", "/a"),
    ("ca_directory", "/a"),
    ("client_cert", "/b"),
    ("client_key", "/c"),
    ("client_key_password", "hush"),
]


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


def test_a_custom_retryer_is_used() -> None:
    given = NopRetryer()

    assert given is made(retryer=given, retry_mode="legacy")


def test_the_mode_off_has_a_retryer_too() -> None:
    assert isinstance(made(retry_mode="off"), NopRetryer)


@pytest.mark.parametrize(
    ("name", "value"),
    [("retry_base_delay", 0.1), ("retry_max_delay", 1.0), ("retry_jitter", "full")],
)
def test_an_option_of_another_mode_is_refused(name: str, value: object) -> None:
    with pytest.raises(OptionsError) as caught:
        made(**{name: value})

    assert str(caught.value).startswith(name)


def test_the_legacy_mode_does_not_use_the_clients_quota() -> None:
    quota = RetryQuota()
    standard = make_retryer(Options().retry, quota)
    legacy = make_retryer(Options(retry_mode="legacy").retry, quota)

    assert isinstance(standard, StandardRetryer)
    assert isinstance(legacy, StandardRetryer)
    assert quota is standard.quota
    assert quota is not legacy.quota


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 6),
        ("max_connections_per_host", 1),
        ("keepalive_timeout", 1.0),
        ("tcp_keepalive", False),
        ("expect_continue", True),
        ("continue_timeout", 2.0),
        *OF_PROVIDERS,
        ("verify_ssl", False),
        ("environ", {}),
        ("profile", "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_option_of_connections_belongs_to_the_client(
    name: str, value: object
) -> None:
    with pytest.raises(OptionsError) as caught:
        require_client_options(Options(), Options().replace(**{name: value}))

    assert str(caught.value).startswith(name)


def test_other_options_may_differ_per_call() -> None:
    options = Options(max_connections=5)

    require_client_options(options, options.replace(read_timeout=1.5))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 1),
        ("max_connections_per_host", 1),
        ("keepalive_timeout", 1.0),
        ("tcp_keepalive", False),
        ("expect_continue", True),
        ("continue_timeout", 2.0),
        ("verify_ssl", False),
    ],
)
def test_an_option_of_connections_contradicts_a_custom_http_client(
    name: str, value: object
) -> None:
    with pytest.raises(OptionsError) as caught:
        require_default_connections(Options().replace(**{name: value}))

    assert str(caught.value).startswith(f"{name} has no effect")
    assert "set it on that HTTP client" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ca_bundle", "/a"), ("client_cert", "/a"), ("tcp_keepalive", False)],
)
def test_certificates_for_streams_in_both_directions_have_an_option_of_their_own(
    name: str, value: object
) -> None:
    options = Options(credentials=CREDENTIALS).replace(**{name: value})

    with pytest.raises(OptionsError, match=f"{name} has no effect") as caught:
        require_default_connections(options)

    is_tls = name != "tcp_keepalive"
    assert is_tls == ("http2_ssl_context" in str(caught.value))


@pytest.mark.parametrize(
    ("name", "value"),
    OF_PROVIDERS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_option_that_credentials_providers_use_is_accepted_for_them(
    name: str, value: object
) -> None:
    options = Options().replace(**{name: value})

    require_default_connections(options)

    with pytest.raises(OptionsError, match=name) as caught:
        require_default_connections(options.replace(credentials=CREDENTIALS))
    assert "hush" not in str(caught.value)


def test_options_that_are_not_of_connections_suit_every_http_client() -> None:
    require_default_connections(
        Options(
            credentials=CREDENTIALS,
            environ={},
            profile="other",
            http2_ssl_context=create_default_context(),
            max_response_bytes=1,
        )
    )


async def test_an_http_client_is_made_without_opening_a_connection() -> None:
    async def load() -> SSLContext | None:
        raise AssertionError

    http_client = make_http_client(Options(http_client="aiohttp"), load)
    native = make_http_client(Options(http_client="native"), load)

    assert (AiohttpClient, NativeClient) == (type(http_client), type(native))
    await http_client.aclose()
    await native.aclose()
