"""Selection of the proxy for a request.

The rules are those that most programs share: one proxy for HTTP and one for HTTPS, and
a list of hosts in ``NO_PROXY`` that are connected to directly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from sagemaker_rt.frozen_value import FrozenValue
from sagemaker_rt.sansio.redaction import without_user_info

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

__all__ = ["Proxies", "is_bypassed"]


@frozen(kw_only=True, eq=False, repr=False)
class Proxies(FrozenValue):
    """The configured proxies, and the hosts that bypass them."""

    https: str | None = field(default=None, repr=without_user_info)
    """The URL of the proxy for HTTPS requests."""
    http: str | None = field(default=None, repr=without_user_info)
    """The URL of the proxy for HTTP requests."""
    no_proxy: str = ""
    """Hosts that bypass the proxies, in the format of ``NO_PROXY``."""

    def of(self, scheme: str, host: str, *, port: int) -> str | None:
        """Return the URL of the proxy for *host*, or None for a direct connection."""
        url = self.https if scheme == "https" else self.http
        if url is None or is_bypassed(self.no_proxy, host, port=port):
            return None
        return url


def is_bypassed(no_proxy: str, host: str, *, port: int) -> bool:
    """Return whether *host* matches an entry of *no_proxy*.

    Entries are separated by commas or spaces. An entry is ``*`` for all hosts, a
    domain, an IP address, or a block of addresses such as ``10.0.0.0/8``. A domain
    includes its subdomains, and may begin with ``.`` or ``*.``. A domain or address may
    end with a port, and then matches that port only. Host names are not resolved.

    Args:
        host: A name or an IP address; IPv6 with or without brackets.
    """
    # A fully qualified name may end with a dot.
    name = host.lower().strip("[]").rstrip(".")
    address = _address(name)
    return any(
        _matches(entry, name, address, port=port)
        for entry in no_proxy.lower().replace(",", " ").split()
    )


def _matches(
    entry: str, name: str, address: IPv4Address | IPv6Address | None, *, port: int
) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return address is not None and _is_in_block(address, entry)
    entry, entry_port = _split_port(entry)
    if entry_port not in {"", str(port)}:
        return False
    # One IPv6 address has several spellings, so parsed addresses are compared.
    if address is not None:
        return _address(entry) == address
    domain = entry.removeprefix("*").strip(".")
    # Entries such as "." and "*." are empty here, and match nothing.
    return bool(domain) and (name == domain or name.endswith(f".{domain}"))


def _split_port(entry: str) -> tuple[str, str]:
    """Return the host and the port of *entry*; the port may be empty."""
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        return host, port.removeprefix(":")
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, port
    return entry, ""  # an IPv6 address has several colons


def _address(text: str) -> IPv4Address | IPv6Address | None:
    from ipaddress import ip_address  # noqa: PLC0415 - only if there is a proxy

    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_in_block(address: IPv4Address | IPv6Address, block: str) -> bool:
    from ipaddress import ip_network  # noqa: PLC0415 - only if there is a proxy

    try:
        return address in ip_network(block, strict=False)
    except ValueError:
        return False
