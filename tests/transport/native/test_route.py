from __future__ import annotations

import pytest

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.sansio.proxy_servers import ProxyServer
from sagemaker_rt.transport.native.route import _MAX_ROUTES, Routes

BASIC = "Basic bWU6cGFzcw=="


def test_endpoints_of_one_server_share_a_route() -> None:
    routes = Routes(None)

    first = routes.of(Endpoint("https://a.example/prefix"))

    assert first is routes.of(Endpoint("https://a.example"))
    assert first is routes.of(Endpoint("https://a.example:443/other"))
    assert first is not routes.of(Endpoint("http://a.example"))
    assert first is not routes.of(Endpoint("https://a.example:444"))


@pytest.mark.parametrize(
    ("url", "host", "server_name", "authority"),
    [
        ("https://a.example.", "a.example.", "a.example", "a.example.:443"),
        ("https://[::1]:8443", "::1", "::1", "[::1]:8443"),
    ],
)
def test_a_route_has_the_names_of_its_server(
    url: str, host: str, server_name: str, authority: str
) -> None:
    route = Routes(None).of(Endpoint(url))

    assert (host, server_name, authority) == (
        route.host,
        route.server_name,
        route.authority,
    )
    assert (None, "", None) == (route.proxy, route.target, route.authorization)


@pytest.mark.parametrize(
    ("url", "target", "authorization"),
    [
        ("https://a.example", "", None),
        ("http://a.example.:81", "http://a.example:81", BASIC),
        ("http://[::1]", "http://[::1]", BASIC),
    ],
)
def test_a_proxy_reads_plain_requests_only(
    url: str, target: str, authorization: str | None
) -> None:
    route = Routes("http://me:pass@proxy:3128").of(Endpoint(url))

    assert ProxyServer("http", "proxy", 3128, BASIC) == route.proxy
    assert (target, authorization) == (route.target, route.authorization)


def test_a_host_can_bypass_the_proxy() -> None:
    routes = Routes(Proxies(http="proxy", no_proxy="a.example"))

    assert routes.of(Endpoint("http://a.example")).proxy is None
    assert routes.of(Endpoint("http://b.example")).proxy is not None


def test_an_invalid_proxy_is_refused_at_once() -> None:
    with pytest.raises(OptionsError):
        Routes("proxy:x")


def test_routes_are_not_remembered_without_limit() -> None:
    routes = Routes(None)

    for number in range(2 * _MAX_ROUTES):
        routes.of(Endpoint(f"https://a{number}.example"))

    assert _MAX_ROUTES >= len(routes._by_url)
