from __future__ import annotations

import pytest
from yarl import URL

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.transport.proxy_routing import Routes


def test_without_a_proxy_all_ways_are_straight() -> None:
    routes = Routes(None)

    assert routes.are_direct
    assert {} == routes.to(URL("https://a.example/"))


def test_one_proxy_is_for_all() -> None:
    routes = Routes("http://proxy:3128")

    assert not routes.are_direct
    assert not routes.have_passwords
    for url in ("https://a.example/", "http://a.example/"):
        assert {"proxy": URL("http://proxy:3128")} == routes.to(URL(url))


def test_each_kind_of_request_has_its_proxy() -> None:
    routes = Routes(
        Proxies(https="http://a:1", http="http://me:pw@b:2", no_proxy="c.example:80")
    )

    assert routes.have_passwords
    assert {"proxy": URL("http://a:1")} == routes.to(URL("https://c.example/"))
    assert {} == routes.to(URL("http://c.example/"))
    assert {
        "proxy": URL("http://b:2"),
        "proxy_headers": {"Proxy-Authorization": "Basic bWU6cHc="},
    } == routes.to(URL("http://c.example:8080/"))


@pytest.mark.parametrize("name", ["https", "http"])
def test_a_proxy_that_cannot_be_is_refused_without_its_password(name: str) -> None:
    with pytest.raises(OptionsError, match="proxy must be a URL") as raised:
        Routes(Proxies(**{name: "http://me:hush@proxy:x"}))

    assert "hush" not in str(raised.value)
