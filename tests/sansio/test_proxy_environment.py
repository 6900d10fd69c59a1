from __future__ import annotations

import pytest

from sagemaker_rt.sansio.proxy_environment import (
    proxy_url,
    proxy_variable,
    shown_proxy,
)

HTTPS = ("https_proxy", "HTTPS_PROXY")
HTTP = ("http_proxy", "HTTP_PROXY")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("HTTPS://proxy", "https://proxy"),
        ("proxy:3128", "http://proxy:3128"),
        ("//proxy:3128", "http://proxy:3128"),
        ("me:secret@proxy:3128", "http://me:secret@proxy:3128"),
        ("me:sec@ret@proxy:3128", "http://me:sec@ret@proxy:3128"),
        ("[::1]:3128", "http://[::1]:3128"),
        ("https://[::1]", "https://[::1]"),
        ("http://proxy:3128/", "http://proxy:3128/"),
        ("proxy", "http://proxy"),
    ],
)
def test_the_scheme_of_a_proxy_url_is_optional(text: str, url: str) -> None:
    assert url == proxy_url(text)


@pytest.mark.parametrize("text", ["socks5://proxy:1080", "SOCKS5H://proxy", "ftp://x"])
def test_another_scheme_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition(":")[0].lower()):
        proxy_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://",
        "//",
        "http://:3128",
        "http://me:hush@:3128",
        "http://proxy:",
        "http://proxy:0",
        "http://proxy:65536",
        "http://proxy:hush",
        "proxy:3128:me:hush",
        "::1:3128",
        "fe80::1",
        "[::1",
        "http:/proxy:3128",
        "http:proxy:3128",
        "http://proxy/hush.pac",
        "http://proxy?hush",
    ],
)
def test_a_proxy_url_needs_a_host_and_a_valid_port(text: str) -> None:
    with pytest.raises(ValueError, match="a host") as caught:
        proxy_url(text)

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [" ", "http:// a:1", "a:1\n", "http://me:hu/sh@a:1", "me:hu#sh@a", "u?@a"]
)
def test_some_characters_must_be_encoded(text: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded"):
        proxy_url(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("socks5://proxy:1080", "'socks5://proxy:1080'"),
        ("proxy:3128/", "'proxy:3128/'"),
        ("http://me:hush@proxy", "'[redacted]@proxy'"),
        ("proxy:3128:me:hush", "'proxy:3128…'"),
        ("http://me:hush", "'http://me:…'"),
        ("", "''"),
    ],
)
def test_a_proxy_is_shown_without_what_may_be_a_password(text: str, shown: str) -> None:
    assert shown == shown_proxy(text)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "a"}, "HTTPS_PROXY"),
        ({"https_proxy": "a"}, "https_proxy"),
        ({"HTTPS_PROXY": "b", "https_proxy": "a"}, "https_proxy"),
        ({"HTTPS_PROXY": "b", "https_proxy": ""}, None),
        ({"HTTPS_PROXY": "", "https_proxy": "a"}, "https_proxy"),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "a", "REQUEST_METHOD": "GET"}, "HTTPS_PROXY"),
        ({"http_proxy": "a"}, None),
    ],
)
def test_the_lower_case_variable_takes_precedence(
    environ: dict[str, str], name: str | None
) -> None:
    assert name == proxy_variable(environ, HTTPS)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"HTTP_PROXY": "a"}, "HTTP_PROXY"),
        ({"HTTP_PROXY": "a", "REQUEST_METHOD": "GET"}, None),
        ({"HTTP_PROXY": "b", "http_proxy": "a", "REQUEST_METHOD": ""}, "http_proxy"),
    ],
)
def test_http_proxy_is_ignored_in_a_cgi_script(
    environ: dict[str, str], name: str | None
) -> None:
    assert name == proxy_variable(environ, HTTP)
