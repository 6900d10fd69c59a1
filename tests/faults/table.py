"""All faults, and the names of those that are known to fail."""

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

__all__ = ["EXPECTED_FAILURES", "FAULTS", "UNSENT_ON_UVLOOP"]

FAULTS: Final[tuple[Fault, ...]] = (
    *connecting.CONNECT,
    *connecting.TLS,
    *connecting.WRITE,
    *optional_features.EXPECT_CONTINUE,
    *optional_features.COMPRESSED,
    *response_heads.HEAD,
    *response_bodies.BODY,
    *optional_features.RESPONSE_TARGET,
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

EXPECTED_FAILURES: Final[frozenset[str]] = frozenset()
"""Names of faults whose expected outcome is not implemented yet."""

UNSENT_ON_UVLOOP: Final[frozenset[str]] = frozenset(
    {
        "the connection is closed after it is accepted",
        "the connection is reset after it is accepted",
    }
)
"""Names of faults that `AiohttpClient` finds on uvloop before it writes anything.

aiohttp writes in a task, and uvloop reads before that task runs. So the request is
certainly not sent, and is retried. Otherwise, the outcome is ambiguous.
"""
