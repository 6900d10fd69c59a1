from __future__ import annotations

import base64

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_servers import ProxyServer


@pytest.mark.parametrize(
    ("text", "expected", "url"),
    [
        ("proxy", ProxyServer("http", "proxy", 80), "http://proxy:80"),
        ("https://proxy/", ProxyServer("https", "proxy", 443), "https://proxy:443"),
        ("http://[::1]:8080", ProxyServer("http", "::1", 8080), "http://[::1]:8080"),
        ("b\xfccher", ProxyServer("http", "b\xfccher", 80), "http://b\xfccher:80"),
    ],
)
def test_a_proxy_has_scheme_host_and_port(
    text: str, expected: ProxyServer, url: str
) -> None:
    proxy = ProxyServer.of(text)

    assert (expected, url) == (proxy, proxy.url)


@pytest.mark.parametrize(
    ("user_info", "expected"), [("me:pass%20word", b"me:pass word"), ("me", b"me:")]
)
def test_name_and_password_become_a_header(user_info: str, expected: bytes) -> None:
    proxy = ProxyServer.of(f"http://{user_info}@proxy:81")

    assert f"Basic {base64.b64encode(expected).decode()}" == proxy.authorization
    assert "http://proxy:81" == proxy.url
    assert "pass" not in repr(proxy)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "proxy:x",
        "ftp://proxy",
        "http://",
        "http://me:secret@proxy:x",
        "http://me:secret@\ud800",
        "http://me:secret@a\\b",
    ],
)
def test_an_invalid_url_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(OptionsError, match="proxy must be") as raised:
        ProxyServer.of(text)

    assert "secret" not in str(raised.value)
