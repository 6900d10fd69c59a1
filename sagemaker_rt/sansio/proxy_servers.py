"""The address of a proxy, and the header that authenticates the client to it."""

from __future__ import annotations

import base64
import re
from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.sansio.proxy_environment import PROXY_FORM, proxy_url, shown_proxy

__all__ = ["ProxyServer"]

# a name or an IPv6 address (RFC 3986, section 3.2.2)
_HOST: Final = re.compile(r"[a-z0-9._~!$&'()*+,;=:%-]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


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
            is_valid = not host.isascii() or bool(_HOST.fullmatch(host))
        except ValueError:
            is_valid, parts, host, port = False, urlsplit(""), "", None
        if not is_valid:
            message = f"proxy must be {PROXY_FORM}: {shown_proxy(text)}"
            raise OptionsError(message)
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
