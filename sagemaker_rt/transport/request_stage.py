"""The stages of a request, from the connection pool to the end of the response.

The stage decides which time limit applies, what an exception means, and whether the
model may have been invoked.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["Stage"]


class Stage(Enum):
    """The stage that a request is in; the value completes "… while"."""

    POOL = "waiting for a pooled connection"
    CONNECT = "connecting"
    READY = "preparing to send the request"
    WRITE = "sending the request"
    HEAD = "waiting for the response headers"
    BODY = "reading the response body"

    @property
    def is_sent(self) -> bool:
        """Whether a byte of the request may have been sent."""
        return self in _SENT


_SENT: Final = frozenset({Stage.WRITE, Stage.HEAD, Stage.BODY})
