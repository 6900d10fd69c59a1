"""Sends ``Expect: 100-continue`` with large bodies, if the client enables it.

A server can then refuse a request by its headers alone, before the body is sent
(RFC 9110, section 10.1.1). `AiohttpClient` adds the header. aiohttp sends the headers,
and awaits a future before it sends the body. That future is resolved by a ``100
Continue`` response, or by the timer here: not every server sends one. When a final
response is received first, the timer is cancelled, and the body is never sent.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import Final

__all__ = ["add_expect_header", "min_body_bytes", "send_body", "start_timer"]

_MIN_BODY_BYTES: Final = 2 << 20  # as in the AWS SDKs that send the header


def min_body_bytes(*, is_enabled: bool) -> float:
    """Return the size in bytes from which a body is sent with the header."""
    return _MIN_BODY_BYTES if is_enabled else inf


def add_expect_header(headers: dict[str, str]) -> None:
    """Add ``Expect: 100-continue`` to *headers*."""
    headers["expect"] = "100-continue"


def start_timer(
    loop: asyncio.AbstractEventLoop, can_send: asyncio.Future[bool], *, timeout: float
) -> asyncio.TimerHandle:
    """Resolve *can_send* after *timeout* seconds, unless a response arrives before.

    The caller cancels the timer when a final response is received.
    """
    return loop.call_later(timeout, send_body, can_send)


def send_body(can_send: asyncio.Future[bool]) -> None:
    """Resolve *can_send*, so that aiohttp sends the body."""
    if not can_send.done():
        can_send.set_result(True)
