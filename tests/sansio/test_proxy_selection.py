from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from sagemaker_rt.sansio.proxy_selection import Proxies, is_bypassed


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("*", "https://a.example"),
        ("b.example, *", "https://a.example"),
        ("a.example", "https://a.example"),
        ("A.Example", "https://a.example"),
        ("a.example", "https://A.EXAMPLE."),
        ("a.example.", "https://a.example"),
        ("a.example", "https://b.a.example"),
        (".a.example", "https://a.example"),
        (".a.example", "https://b.a.example"),
        ("*.a.example", "https://b.a.example"),
        ("b.example,a.example", "https://a.example"),
        ("b.example a.example", "https://a.example"),
        (" ,, a.example ,", "https://a.example"),
        ("a.example:443", "https://a.example"),
        ("a.example:8443", "https://b.a.example:8443"),
        ("localhost", "http://localhost:8000"),
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("127.0.0.0/8", "http://127.1.2.3"),
        ("127.0.0.1/8", "http://127.1.2.3"),
        ("10.0.0.0/255.0.0.0", "http://10.1.2.3"),
        ("::1", "http://[::1]:8000"),
        ("[::1]", "http://[::1]:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("0:0:0:0:0:0:0:1", "http://[::1]:8000"),
        ("fd00::/8", "http://[fd00:ec2::23]"),
    ],
)
def test_a_host_in_no_proxy_is_bypassed(no_proxy: str, url: str) -> None:
    assert bypasses_proxy(no_proxy, url)


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("", "https://a.example"),
        (",.,*.,", "https://a.example"),
        ("a.example", "https://ba.example"),
        ("b.a.example", "https://a.example"),
        ("a.*.example", "https://a.b.example"),
        ("a.example:80", "https://a.example"),
        ("a.example:https", "https://a.example"),
        ("0.0.1", "http://127.0.0.1"),
        ("27.0.0.1", "http://127.0.0.1"),
        ("127.0.0.1:80", "http://127.0.0.1:8000"),
        ("[::1]:80", "http://[::1]:8000"),
        ("10.0.0.0/8", "http://11.0.0.1"),
        ("10.0.0.0/8", "http://localhost"),
        ("10.0.0.0/8", "http://[::1]"),
        ("10.0.0.0/99", "http://10.0.0.0"),
        ("a/b", "http://10.0.0.0"),
        ("10.0.0.1", "https://a.example"),
    ],
)
def test_other_hosts_are_not_bypassed(no_proxy: str, url: str) -> None:
    assert not bypasses_proxy(no_proxy, url)


def bypasses_proxy(no_proxy: str, url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return is_bypassed(no_proxy, parts.hostname or "", port=port)


def test_the_scheme_of_a_request_selects_the_proxy() -> None:
    proxies = Proxies(https="http://a:1", http="http://b:2", no_proxy="c.example")

    assert "http://a:1" == proxies.of("https", "a.example", port=443)
    assert "http://b:2" == proxies.of("http", "a.example", port=80)
    assert proxies.of("https", "c.example", port=443) is None
    assert Proxies(http="http://b:2").of("https", "a.example", port=443) is None


def test_the_repr_hides_passwords() -> None:
    proxies = Proxies(https="http://me:secret@a:1", http="http://me:secret@a:1")

    assert "secret" not in repr(proxies)
    assert "@a:1" in repr(proxies)
