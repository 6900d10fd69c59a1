"""Where a redirect may lead, with a body and a signature of the caller's."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from attrs import frozen

__all__ = ["Target", "followed"]

# of the others, some turn a POST into a GET, and some are answers
_FOLLOWED: Final = frozenset({307, 308})
_VISIBLE: Final = re.compile(r"[!-~]+")


@frozen
class Target:
    """Where a request goes on."""

    base: str
    """Scheme, host and port."""
    path: str
    query: str


def followed(status: int, location: str, *, url: str) -> Target | None:
    """Return where an answer leads to that came from *url*; None stays there.

    It may lead to the same host, at whatever port, or to a host below it, and not from
    an encrypted connection to a plain one.

    Args:
        location: The header of that name; it may be relative to *url*.
    """
    if status not in _FOLLOWED or not _VISIBLE.fullmatch(location):
        return None
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
        _ = there.port
    except ValueError:
        return None
    if "@" in there.netloc or not _is_within(there, here):
        return None
    return Target(f"{there.scheme}://{there.netloc}", there.path or "/", there.query)


def _is_within(there: SplitResult, here: SplitResult) -> bool:
    if there.scheme != here.scheme and (here.scheme, there.scheme) != ("http", "https"):
        return False
    host, inner = _name(here), _name(there)
    return inner == host or (not _is_address(host) and inner.endswith(f".{host}"))


def _name(url: SplitResult) -> str:
    return (url.hostname or "").rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
