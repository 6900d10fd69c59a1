"""The URLs of proxies, and the environment variables that they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from sagemaker_rt.sansio.redaction import without_user_info

__all__ = ["PROXY_FORM", "proxy_url", "proxy_variable", "shown_proxy"]

PROXY_FORM: Final = "a proxy URL: http(s)://[name:password@]host:port"
"""A description of valid text, for errors."""

_SCHEMES: Final = ("http", "https")
_START: Final = r"(?i)([a-z0-9+.-]*:?//)?[^:/?#]*(:[0-9]*)?"
_TO_ENCODE: Final = r"[\s\0-\x1f\x7f]"
_IN_USER_INFO: Final = frozenset("/?#")


def proxy_url(text: str) -> str:
    """Return the URL of a proxy from the value of an option or a variable.

    The scheme is optional; the default is ``http``.

    Raises:
        ValueError: It is not valid. The error does not quote it, since it may hold a
            password.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text.removeprefix("//")
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        message = f"proxies of the scheme {scheme!r} are not supported"
        raise ValueError(message)
    user_info, _, _ = rest.rpartition("@")
    if re.search(_TO_ENCODE, rest) or _IN_USER_INFO & set(user_info):
        message = "blanks, and '/', '?' and '#' in a password, must be percent-encoded"
        raise ValueError(message)
    if not _is_authority(rest.removesuffix("/")):
        message = "use a host, a port from 1 to 65535, and an IPv6 address in brackets"
        raise ValueError(message)
    return f"{scheme}://{rest}"


def _is_authority(text: str) -> bool:
    """Return whether *text* is the part of a URL between the scheme and the path."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - only if there is a proxy

    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    is_bare = parts.netloc == text and not text.endswith(":")
    return bool(host) and port != 0 and is_bare


def shown_proxy(text: str) -> str:
    """Return the repr of *text* without what may be a password."""
    if "@" in text:
        return without_user_info(text)
    start = re.match(_START, text)
    end = len(text) if start is None else start.end()
    is_whole = not text[end:].strip("/")
    return repr(text if is_whole else f"{text[:end]}…")


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
