"""The address of a proxy, and the header that authenticates the client to it."""

from __future__ import annotations

import base64
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_environment import PROXY_FORM, proxy_url, shown_proxy

__all__ = ["ProxyServer"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


@frozen
class ProxyServer:
    """A proxy."""

    scheme: str
    """``http`` or ``https``."""
    host: str
    """A name or an IP address, without brackets."""
    port: int
    authorization: str | None = field(default=None, repr=False)
    """The value of ``Proxy-Authorization``, if the proxy requires a password."""

    @classmethod
    def of(cls, text: str) -> ProxyServer:
        """Return the proxy of the URL *text*.

        Raises:
            OptionsError: It is not a valid URL. The error does not show its password.
        """
        try:
            parts = urlsplit(proxy_url(text))
            host, port = parts.hostname or "", parts.port
            if not host.isascii():
                host.encode("idna")  # an invalid name is a UnicodeError
        except ValueError:
            message = f"proxy must be {PROXY_FORM}: {shown_proxy(text)}"
            raise OptionsError(message) from None
        authorization = None
        if parts.username is not None:
            name, password = unquote(parts.username), unquote(parts.password or "")
            credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
            authorization = f"Basic {credentials}"
        scheme = parts.scheme
        return cls(scheme, host, port or _DEFAULT_PORTS[scheme], authorization)

    @property
    def url(self) -> str:
        """The URL without user name and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"
