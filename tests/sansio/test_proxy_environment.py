from __future__ import annotations

import pytest

from sagemaker_rt.sansio.proxy_environment import proxy_url, proxy_variable

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
    ],
)
def test_the_scheme_of_a_proxy_url_is_optional(text: str, url: str) -> None:
    assert url == proxy_url(text)


@pytest.mark.parametrize("text", ["socks5://proxy", "http://", "ftp://proxy", "//"])
def test_a_proxy_url_needs_a_host_and_the_scheme_http_or_https(text: str) -> None:
    with pytest.raises(ValueError, match="http"):
        proxy_url(text)


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
