"""A request as the emulator received it, and as its record keeps it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

__all__ = ["RECORDED_BODY", "ReceivedRequest"]

RECORDED_BODY: Final = 1 << 20
"""How many bytes of a body the record keeps."""

_ATTEMPT: Final = re.compile(r"attempt=(\d+)")


@frozen(kw_only=True)
class ReceivedRequest:
    """One request, whether it was answered well or refused."""

    operation: str
    """``InvokeEndpoint``, say, or of the object store ``GetObject``."""
    endpoint_name: str | None = None
    """None for requests to the object store."""
    method: str = "POST"
    path: str = "/"
    """Percent-encoded, as it came."""
    query: str = ""
    """Percent-encoded, as it came, without its question mark."""
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case; several values of one name are joined by a comma."""
    body: bytes = field(repr=False)
    """In the record its first MiB."""
    body_length: int
    """The length of the whole body, in bytes."""

    @property
    def attempt(self) -> int | None:
        """Which attempt the client says this is, from 1; None if it does not say."""
        found = _ATTEMPT.search(self.headers.get("amz-sdk-request", ""))
        return int(found[1]) if found else None

    def for_record(self) -> ReceivedRequest:
        """Return the request with no more of its body than the record keeps."""
        if self.body_length <= RECORDED_BODY:
            return self
        return evolve(self, body=self.body[:RECORDED_BODY])
