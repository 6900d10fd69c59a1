"""What is logged of requests and responses."""

from __future__ import annotations

from enum import Flag, auto

__all__ = ["LogMode"]


class LogMode(Flag):
    """What is logged of each attempt, at DEBUG; nothing is by default.

    No mode shows a secret: neither bodies, custom attributes and signatures, nor the
    values of headers that are secret.
    """

    OFF = 0
    REQUEST = auto()
    """Method, URL and headers of the signed request."""
    RESPONSE = auto()
    """Status and headers of the response."""
    SIGNING = auto()
    """What is signed for, the names of the headers that are signed, and the hash of the
    canonical request, by which two sides see whether they sign the same."""
    RETRIES = auto()
    """Each decision about another attempt, and why there is none."""
    REQUEST_WITH_BODY = auto()
    """As `REQUEST`, with the size of the body."""
    RESPONSE_WITH_BODY = auto()
    """As `RESPONSE`, and the size of the body once it is read. Of a stream it is as
    `RESPONSE`."""
    DEPRECATED_USAGE = auto()
    """Options that have a better successor, once in a call."""
    REQUEST_EVENT_MESSAGE = auto()
    """Nothing: no operation sends events. It is there for settings of the Go SDK."""
    RESPONSE_EVENT_MESSAGE = auto()
    """Type and size of each event of a stream."""
