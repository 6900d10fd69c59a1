"""Where the requests to an endpoint are sent: to the server, or to a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sagemaker_rt.http import Endpoint
from sagemaker_rt.sansio.proxy_selection import Proxies

if TYPE_CHECKING:
    from sagemaker_rt.sansio.proxy_servers import ProxyServer

__all__ = ["Route", "Routes"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_MAX_ROUTES: Final = 256


class Route:
    """The way to one server; equal routes share connections."""

    __slots__ = ("authorization", "host", "is_secure", "port", "proxy", "target")

    def __init__(self, url: str, proxies: Proxies) -> None:
        parts = urlsplit(url)
        self.is_secure: Final = parts.scheme == "https"
        self.host: Final = parts.hostname or ""
        """A name, which can end in a dot, or an IP address without brackets."""
        self.port: Final = parts.port or _DEFAULT_PORTS[parts.scheme]
        proxy = proxies.of(parts.scheme, self.host, port=self.port)
        self.proxy: Final = None if proxy is None else _proxy_server(proxy)
        self.target = ""
        """What precedes the path of a request: the URL, if a proxy reads it."""
        self.authorization: str | None = None
        """The header ``Proxy-Authorization`` of a request that a proxy reads."""
        if self.proxy is not None and not self.is_secure:
            host = self.host.removesuffix(".")
            host = f"[{host}]" if ":" in host else host
            port = "" if parts.port is None else f":{parts.port}"
            self.target = f"http://{host}{port}"
            self.authorization = self.proxy.authorization

    @property
    def server_name(self) -> str:
        """The name for TLS: the dot of a fully qualified name is not part of it."""
        return self.host.removesuffix(".")

    @property
    def authority(self) -> str:
        """The host and port, as a tunnel is requested."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Routes:
    """The routes of one client.

    Raises:
        OptionsError: A proxy is not a valid URL.
    """

    def __init__(self, proxy: str | Proxies | None) -> None:
        self._proxies: Final = (
            proxy if isinstance(proxy, Proxies) else Proxies(https=proxy, http=proxy)
        )
        for url in (self._proxies.https, self._proxies.http):
            if url is not None:
                _proxy_server(url)
        self._routes: dict[tuple[bool, str, int], Route] = {}
        self._by_url: dict[str, Route] = {}

    def of(self, endpoint: Endpoint) -> Route:
        """Return the route to *endpoint*."""
        route = self._by_url.get(endpoint.url)
        return self._add(endpoint.url) if route is None else route

    def _add(self, url: str) -> Route:
        if len(self._by_url) >= _MAX_ROUTES:
            self._by_url.clear()
            self._routes.clear()
        route = Route(url, self._proxies)
        # endpoints with different paths share the connections of a server
        route = self._routes.setdefault(
            (route.is_secure, route.host, route.port), route
        )
        self._by_url[url] = route
        return route


def _proxy_server(url: str) -> ProxyServer:
    from sagemaker_rt.sansio.proxy_servers import ProxyServer  # noqa: PLC0415 - for proxies only

    return ProxyServer.of(url)
