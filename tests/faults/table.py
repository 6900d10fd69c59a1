"""Every fault, and those of them whose rule does not hold yet."""

from __future__ import annotations

from typing import Final

from tests.faults import (
    connecting,
    connection_reuse,
    error_responses,
    event_streams,
    optional_features,
    proxies,
    redirects,
    refused_signatures,
    response_bodies,
    response_heads,
)
from tests.faults.fault import Fault

__all__ = ["FAULTS", "WAITING"]

FAULTS: Final[tuple[Fault, ...]] = (
    *connecting.CONNECT,
    *connecting.TLS,
    *connecting.WRITE,
    *optional_features.ASKING,
    *optional_features.COMPRESSED,
    *response_heads.HEAD,
    *response_bodies.BODY,
    *optional_features.INTO_A_FILE,
    *response_bodies.CHUNKING,
    *connection_reuse.KEEP_ALIVE,
    *event_streams.EVENT_STREAM,
    *error_responses.ERROR_BODY,
    *error_responses.RETRY,
    *redirects.NOT_FOLLOWED,
    *redirects.FOLLOWED,
    *proxies.PROXY,
    *refused_signatures.CLOCK,
    *refused_signatures.TOKEN,
)

WAITING: Final[frozenset[str]] = frozenset()
"""Names of rows that state what must come, and does not yet."""
