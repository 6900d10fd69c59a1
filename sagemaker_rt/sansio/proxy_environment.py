"""Which variables of the environment name proxies, and how they spell a URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["proxy_url", "proxy_variable"]

_SCHEMES: Final = ("http", "https")


def proxy_url(text: str) -> str:
    """Return the URL of a proxy as a variable has it, which may lack the scheme.

    Raises:
        ValueError: The scheme is another one than HTTP's.
    """
    scheme, separator, rest = text.rpartition("://")
    if not separator:
        scheme, rest = "http", text.removeprefix("//")
    if scheme.lower() not in _SCHEMES or not rest:
        message = f"a proxy is asked by HTTP: {scheme!r}"
        raise ValueError(message)
    return f"{scheme.lower()}://{rest}"


def proxy_variable(environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    """Return which of the variables *names* counts: lower case, else upper case.

    A blank one in lower case means none. In a CGI script ``HTTP_PROXY`` is what a
    stranger has sent in a header of a request, and does not count (CVE-2016-5385).
    """
    for name in names:
        is_sent = name == "HTTP_PROXY" and "REQUEST_METHOD" in environ
        if is_sent or name not in environ:
            continue
        if environ[name]:
            return name
        if name.islower():
            return None
    return None
