"""Selects the proxy of each request, in the form of arguments for aiohttp."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, Literal, TypedDict

import aiohttp
from yarl import URL

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_selection import Proxies
from sagemaker_rt.sansio.proxy_servers import ProxyServer

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["ProxyRouting", "RequestArguments", "url_to_send"]

_MAX_CACHED_HOSTS: Final = 256


class RequestArguments(TypedDict, total=False):
    """Arguments of `aiohttp.ClientSession.request` that depend on the host."""

    proxy: URL
    proxy_headers: dict[str, str]
    server_hostname: str
    timeout: aiohttp.ClientTimeout
    ssl: SSLContext | Literal[True]


class ProxyRouting:
    """Selects the proxy for each host.

    Args:
        proxy: The URL of the proxy for all requests, or the proxies by scheme.

    Raises:
        OptionsError: A proxy is not a valid URL.
    """

    def __init__(self, proxy: str | Proxies | None) -> None:
        proxies = (
            proxy if isinstance(proxy, Proxies) else Proxies(https=proxy, http=proxy)
        )
        urls = {url for url in (proxies.https, proxies.http) if url is not None}
        self._by_proxy = {url: _proxy_arguments(url) for url in urls}
        self._by_host = lru_cache(_MAX_CACHED_HOSTS)(
            partial(_host_arguments, proxies, self._by_proxy)
        )

    def arguments(self, url: URL) -> RequestArguments:
        """Return the arguments with which aiohttp uses the proxy for *url*."""
        return self._by_host(url.scheme, url.raw_host or "", url.port or 0)


def url_to_send(url: URL) -> URL:
    """Return *url* as a proxy receives it.

    A proxy replaces the header ``Host`` of a plain request by the host of the URL. The
    final dot of a fully qualified name is therefore removed: it is not signed.
    """
    host = url.raw_host or ""
    if url.scheme == "http" and host.endswith("."):
        return url.with_host(host.removesuffix("."))
    return url


def _host_arguments(
    proxies: Proxies,
    by_proxy: Mapping[str, RequestArguments],
    scheme: str,
    host: str,
    port: int,
) -> RequestArguments:
    proxy = proxies.of(scheme, host, port=port)
    arguments = RequestArguments() if proxy is None else by_proxy[proxy]
    if proxy is not None and scheme == "https" and host.endswith("."):
        # aiohttp removes the dot only from the name of a direct connection
        return {**arguments, "server_hostname": host.removesuffix(".")}
    return arguments


def _proxy_arguments(proxy: str) -> RequestArguments:
    """Return the arguments with which aiohttp uses *proxy*.

    User name and password are moved from the URL to a header, because aiohttp shows
    the URLs of proxies in its errors.
    """
    server = ProxyServer.of(proxy)
    try:
        url = URL(server.url)
    except ValueError:
        message = f"proxy is not a valid URL: {server.url}"
        raise OptionsError(message) from None
    if server.authorization is None:
        return {"proxy": url}
    return {
        "proxy": url,
        "proxy_headers": {"Proxy-Authorization": server.authorization},
    }
