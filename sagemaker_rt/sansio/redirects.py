"""The rule for following redirects."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from attrs import frozen

__all__ = ["RedirectTarget", "redirect_target"]

# 301, 302 and 303 may turn a POST into a GET; other 3xx statuses are not redirects.
_FOLLOWED_STATUSES: Final = frozenset({307, 308})
_VISIBLE: Final = re.compile(r"[!-~]+")


@frozen
class RedirectTarget:
    """The URL that a redirected request is sent to."""

    base: str
    """Scheme, host and port."""
    path: str
    query: str


def redirect_target(status: int, location: str, *, url: str) -> RedirectTarget | None:
    """Return the target of a redirect, or None if the redirect must not be followed.

    The target must be the same host, on any port, or a subdomain, because the request
    carries a body and a signature. A redirect from HTTPS to HTTP is not followed.

    Args:
        location: The Location header; it may be relative to *url*.
        url: The URL of the request.
    """
    if status not in _FOLLOWED_STATUSES or not _VISIBLE.fullmatch(location):
        return None
    try:
        source, target = urlsplit(url), urlsplit(urljoin(url, location))
        _ = target.port  # raises ValueError for an invalid port
    except ValueError:
        return None
    if "@" in target.netloc or not _is_allowed(source, target):
        return None
    base = f"{target.scheme}://{target.netloc}"
    return RedirectTarget(base, target.path or "/", target.query)


def _is_allowed(source: SplitResult, target: SplitResult) -> bool:
    schemes = (source.scheme, target.scheme)
    if source.scheme != target.scheme and schemes != ("http", "https"):
        return False
    host, target_host = _host(source), _host(target)
    if target_host == host:
        return True
    # The last labels of an IP address are not a domain.
    return not _is_ip_address(host) and target_host.endswith(f".{host}")


def _host(url: SplitResult) -> str:
    return (url.hostname or "").rstrip(".")


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
