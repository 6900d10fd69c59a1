"""Sends ``Expect: 100-continue`` with large bodies, if the client enables it.

A server can then refuse a request by its headers alone, before the body is sent
(RFC 9110, section 10.1.1). The body is sent after a ``100 Continue`` response, or after
``continue_timeout``, since not every server sends one. It is never sent after a final
response.
"""

from __future__ import annotations

from math import inf
from typing import Final

__all__ = ["add_expect_header", "min_body_bytes"]

_MIN_BODY_BYTES: Final = 2 << 20  # as in the AWS SDKs that send the header


def min_body_bytes(*, is_enabled: bool) -> float:
    """Return the size in bytes from which a body is sent with the header."""
    return _MIN_BODY_BYTES if is_enabled else inf


def add_expect_header(headers: dict[str, str]) -> None:
    """Add ``Expect: 100-continue`` to *headers*."""
    headers["expect"] = "100-continue"
