"""`LogMode`: the option that selects what is logged of each attempt."""

from __future__ import annotations

from enum import Flag, auto

__all__ = ["LogMode"]


class LogMode(Flag):
    """What is logged of each attempt, at DEBUG; the default is `OFF`.

    Modes are combined with ``|``. Bodies, custom attributes, signatures and the values
    of secret headers are never logged.
    """

    OFF = 0
    REQUEST = auto()
    """Method, URL and headers of the signed request."""
    RESPONSE = auto()
    """Status and headers of the response."""
    SIGNING = auto()
    """Date, region and service of the signature, the names of the signed headers, and
    the SHA-256 of the canonical request. If a signature is refused, compare the hash
    with that of another signer."""
    RETRIES = auto()
    """Each retry decision, with its reason."""
    REQUEST_WITH_BODY = auto()
    """Like `REQUEST`, and the size of the body."""
    RESPONSE_WITH_BODY = auto()
    """Like `RESPONSE`, and the size of the body after it was read. For a stream it is
    the same as `RESPONSE`."""
    DEPRECATED_USAGE = auto()
    """Options that have a successor, once per call."""
    REQUEST_EVENT_MESSAGE = auto()
    """Nothing: no operation sends events. For compatibility with the AWS SDK for Go."""
    RESPONSE_EVENT_MESSAGE = auto()
    """Type and size of each event of a stream."""
