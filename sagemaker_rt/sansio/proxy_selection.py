"""By which proxy a request goes, if by any; after what programs share about that.

Two variables of the environment name a proxy each, for plain and for encrypted
requests, and ``NO_PROXY`` tells which hosts are reached without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

__all__ = ["Proxies", "is_bypassed"]


@frozen(kw_only=True)
class Proxies:
    """The proxies that there are, and what goes by none of them."""

    https: str | None = field(default=None, repr=without_user_info)
    """The URL of the proxy for encrypted requests."""
    http: str | None = field(default=None, repr=without_user_info)
    """The URL of the proxy for plain requests."""
    no_proxy: str = ""
    """Who is reached without one, as in ``NO_PROXY``."""

    def of(self, scheme: str, host: str, *, port: int) -> str | None:
        """Return the URL of the proxy by which *host* is reached, if it is by one."""
        url = self.https if scheme == "https" else self.http
        if url is None or is_bypassed(self.no_proxy, host, port=port):
            return None
        return url


def is_bypassed(no_proxy: str, host: str, *, port: int) -> bool:
    """Tell whether *no_proxy* says that *host* is reached without a proxy.

    Its entries stand between commas or spaces: ``*`` for all hosts; a domain, which
    stands for itself and all below it, with or without a dot or ``*.`` before it; an
    address; a block of addresses such as ``10.0.0.0/8``. All but ``*`` and blocks may
    end in a port, which is then the only one meant. Names are not looked up.

    Args:
        host: A name or an address, that of IPv6 with brackets or without.
    """
    name = host.lower().strip("[]").rstrip(".")
    address = _address(name)
    return any(
        _is_meant(entry, name, address, port=port)
        for entry in no_proxy.lower().replace(",", " ").split()
    )


def _is_meant(
    entry: str, name: str, address: IPv4Address | IPv6Address | None, *, port: int
) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return address is not None and _is_in(address, entry)
    entry, only = _parted(entry)
    if only not in {"", str(port)}:
        return False
    if address is not None:
        return _address(entry) == address
    domain = entry.removeprefix("*").strip(".")
    return bool(domain) and (name == domain or name.endswith(f".{domain}"))


def _parted(entry: str) -> tuple[str, str]:
    """Return the host of *entry*, and its port or nothing."""
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        return host, port.removeprefix(":")
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, port
    return entry, ""  # an address of IPv6 has more of them


def _address(text: str) -> IPv4Address | IPv6Address | None:
    from ipaddress import ip_address  # noqa: PLC0415 - where there is a proxy

    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_in(address: IPv4Address | IPv6Address, block: str) -> bool:
    from ipaddress import ip_network  # noqa: PLC0415 - as above

    try:
        return address in ip_network(block, strict=False)
    except ValueError:
        return False
