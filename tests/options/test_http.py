from __future__ import annotations

from typing import Any, Final

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Options
from sagemaker_rt.options.http import HTTPOptions
from sagemaker_rt.sansio.proxy_selection import Proxies
from tests.doubles import ScriptedHTTPClient

HTTP_CLIENT = ScriptedHTTPClient()


def test_the_defaults() -> None:
    options = HTTPOptions()

    assert ("auto", 256, 10.0, None, 33_554_432) == (
        options.http_client,
        options.max_connections,
        options.keepalive_timeout,
        options.proxy,
        options.max_response_bytes,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"http_client": "httpx"},
        {"http_client": object()},
        {"max_connections": 0},
        {"keepalive_timeout": None},
        {"proxy": 3128},
        {"https_proxy": 1},
        {"http_proxy": 1},
        {"max_connections_per_host": -1},
        {"tcp_keepalive": 30},
        {"expect_continue": 1},
        {"continue_timeout": 0},
        {"max_redirects": -1},
        {"max_redirects": True},
        {"no_proxy": ["a"]},
        {"max_response_bytes": None},
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        HTTPOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        (None, "proxy=None"),
        ("http://proxy.example:3128", "proxy='http://proxy.example:3128'"),
        ("http://user:a-secret@proxy.example", "proxy='[redacted]@proxy.example'"),
        ("http://user:a-s@cret@proxy.example", "proxy='[redacted]@proxy.example'"),
    ],
)
def test_repr_hides_the_password_in_a_proxy_url(proxy: str | None, shown: str) -> None:
    options = Options(proxy=proxy)

    assert shown in repr(options.http)
    assert "cret" not in repr(options)


PROXIES: Final = ["proxy", "https_proxy", "http_proxy"]


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("me:hush@proxy.example", "http://me:hush@proxy.example"),
        ("[::1]:3128", "http://[::1]:3128"),
        ("HTTPS://proxy.example", "https://proxy.example"),
    ],
)
def test_the_scheme_of_a_proxy_is_optional(name: str, value: str, url: str) -> None:
    options = Options().replace(**{name: value})

    assert url == options.flat()[name]
    assert options == Options().replace(**{name: url})


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", "''"),
        ("socks5://proxy:1080", "'socks5://proxy:1080'"),
        ("http://proxy:99999", "'http://proxy:99999'"),
        ("http://me:hush@proxy:x", "'[redacted]@proxy:x'"),
        ("proxy:1:me:hush", "'proxy:1…'"),
    ],
)
def test_an_invalid_proxy_is_refused(name: str, value: str, shown: str) -> None:
    with pytest.raises(OptionsError) as caught:
        Options().replace(**{name: value})

    assert f"{name} must be a proxy URL" in str(caught.value)
    assert shown in str(caught.value)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_proxy_replaces_the_proxies_of_each_scheme() -> None:
    each = HTTPOptions(https_proxy="http://a:1", http_proxy="http://b:2", no_proxy="c")

    assert Proxies(https="http://a:1", http="http://b:2", no_proxy="c") == each.proxies
    assert Proxies() == HTTPOptions().proxies
    assert (
        Proxies(https="http://d:4", http="http://d:4")
        == HTTPOptions(proxy="http://d:4", http_proxy="http://b:2").proxies
    )


@pytest.mark.parametrize("name", ["proxy", "https_proxy", "http_proxy"])
def test_repr_hides_the_password_in_each_proxy_option(name: str) -> None:
    url = "http://user:a-secret@proxy.example"

    options = Options().replace(**{name: url})

    assert f"{name}='[redacted]@proxy.example'" in repr(options)
