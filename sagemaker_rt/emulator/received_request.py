"""A request that the emulator received."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

__all__ = ["MAX_RECORDED_BODY", "ReceivedRequest"]

MAX_RECORDED_BODY: Final = 1 << 20
"""Number of bytes of a body that the record of requests keeps."""

_ATTEMPT: Final = re.compile(r"attempt=(\d+)")


@frozen(kw_only=True)
class ReceivedRequest:
    """A request, successful or rejected."""

    operation: str
    """Name of the operation, such as ``InvokeEndpoint``, or ``GetObject`` of S3."""
    endpoint_name: str | None = None
    """None for requests to S3."""
    method: str = "POST"
    path: str = "/"
    """Percent-encoded, as received."""
    query: str = ""
    """Percent-encoded, as received, without the question mark."""
    headers: Mapping[str, str] = field(repr=False)
    """Header values by lower-case names; repeated headers are joined by commas."""
    body: bytes = field(repr=False)
    """In `Emulator.requests`, the first MiB of the body."""
    body_length: int
    """Size of the received body, in bytes."""

    @property
    def attempt(self) -> int | None:
        """Number of the attempt, from 1; None without an ``amz-sdk-request`` header."""
        found = _ATTEMPT.search(self.headers.get("amz-sdk-request", ""))
        return int(found[1]) if found else None

    def truncated(self) -> ReceivedRequest:
        """Return the request, its body cut to the size that the record keeps."""
        if self.body_length <= MAX_RECORDED_BODY:
            return self
        return evolve(self, body=self.body[:MAX_RECORDED_BODY])
