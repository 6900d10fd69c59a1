"""By which proxy aiohttp sends, and what it tells that."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final, TypedDict

import aiohttp
from yarl import URL

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_selection import Proxies

__all__ = ["Arguments", "Routes"]

_MAX_KEPT: Final = 256  # of hosts


class Arguments(TypedDict, total=False):
    """What else aiohttp is told with each request."""

    proxy: URL
    proxy_headers: dict[str, str]
    timeout: aiohttp.ClientTimeout


class Routes:
    """Tells the way to each host.

    Args:
        proxy: The URL of the proxy for all requests, or which there are.

    Raises:
        OptionsError: A proxy is no URL.
    """

    def __init__(self, proxy: str | Proxies | None) -> None:
        proxies = (
            proxy if isinstance(proxy, Proxies) else Proxies(https=proxy, http=proxy)
        )
        given = (proxies.https, proxies.http)
        self._through = {url: _through(url) for url in given if url is not None}
        self._ways = lru_cache(_MAX_KEPT)(partial(_way, proxies, self._through))

    @property
    def are_direct(self) -> bool:
        """Whether no request goes by a proxy."""
        return not self._through

    @property
    def have_passwords(self) -> bool:
        """Whether a proxy asks for a name and a password."""
        return any("proxy_headers" in way for way in self._through.values())

    def to(self, url: URL) -> Arguments:
        """Return what makes aiohttp send to *url* as it should."""
        return self._ways(url.scheme, url.raw_host or "", url.port or 0)


def _way(
    proxies: Proxies,
    through: Mapping[str, Arguments],
    scheme: str,
    host: str,
    port: int,
) -> Arguments:
    proxy = proxies.of(scheme, host, port=port)
    return {} if proxy is None else through[proxy]


def _through(proxy: str) -> Arguments:
    """Return what makes aiohttp send by way of *proxy*.

    Name and password go into a header: aiohttp shows the URLs of proxies in its errors.
    """
    try:
        url = URL(proxy)
    except ValueError:
        url = URL()
    if url.scheme not in {"http", "https"} or not url.host:
        message = "proxy must be a URL of the form http(s)://[name:password@]host:port"
        raise OptionsError(message)
    if url.user is None:
        return {"proxy": url}
    pair = f"{url.user}:{url.password or ''}".encode()
    basic = f"Basic {base64.b64encode(pair).decode()}"
    return {
        "proxy": url.with_user(None),
        "proxy_headers": {"Proxy-Authorization": basic},
    }
