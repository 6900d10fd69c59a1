from __future__ import annotations

import pytest
from yarl import URL

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport.proxy_routing import ProxyRouting


def test_without_a_proxy_requests_are_direct() -> None:
    routing = ProxyRouting(None)

    assert {} == routing.arguments(URL("https://a.example/"))


def test_one_proxy_is_used_for_all_schemes() -> None:
    routing = ProxyRouting("http://proxy:3128")

    for url in ("https://a.example/", "http://a.example/"):
        assert {"proxy": URL("http://proxy:3128")} == routing.arguments(URL(url))


def test_each_scheme_has_its_proxy() -> None:
    routing = ProxyRouting(
        Proxies(https="http://a:1", http="http://me:pw@b:2", no_proxy="c.example:80")
    )

    assert {"proxy": URL("http://a:1")} == routing.arguments(URL("https://c.example/"))
    assert {} == routing.arguments(URL("http://c.example/"))
    assert {
        "proxy": URL("http://b:2"),
        "proxy_headers": {"Proxy-Authorization": "Basic bWU6cHc="},
    } == routing.arguments(URL("http://c.example:8080/"))


@pytest.mark.parametrize("name", ["https", "http"])
def test_an_invalid_proxy_is_refused_without_its_password(name: str) -> None:
    with pytest.raises(OptionsError, match="proxy") as raised:
        ProxyRouting(Proxies(**{name: "http://me:hush@proxy:x"}))

    assert "hush" not in str(raised.value)


def test_an_invalid_host_of_a_proxy_is_refused() -> None:
    with pytest.raises(OptionsError, match="proxy") as raised:
        ProxyRouting("http://me:hush@a\\b:80")

    assert "hush" not in str(raised.value)
