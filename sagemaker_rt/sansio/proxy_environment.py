"""Environment variables for proxies: which one applies, and the format of its URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["proxy_url", "proxy_variable"]

_SCHEMES: Final = ("http", "https")


def proxy_url(text: str) -> str:
    """Return the URL of a proxy from the value of a variable.

    The scheme is optional; the default is ``http``.

    Raises:
        ValueError: The scheme is not ``http`` or ``https``, or the host is missing.
    """
    scheme, separator, rest = text.rpartition("://")
    if not separator:
        scheme, rest = "http", text.removeprefix("//")
    if scheme.lower() not in _SCHEMES or not rest:
        message = f"must be an http or https URL with a host; its scheme is {scheme!r}"
        raise ValueError(message)
    return f"{scheme.lower()}://{rest}"


def proxy_variable(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    """Return the variable that applies: the first of *names* that is set.

    An empty lower-case variable disables the proxy. ``HTTP_PROXY`` is ignored in a CGI
    script, where it is the ``Proxy`` header of the client (CVE-2016-5385).

    Args:
        names: The lower-case name first.
    """
    for name in names:
        is_header = name == "HTTP_PROXY" and "REQUEST_METHOD" in environ
        if is_header or name not in environ:
            continue
        if environ[name]:
            return name
        if name.islower():
            return None
    return None
