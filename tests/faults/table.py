"""Every fault, and those of them whose rule does not hold yet."""

from __future__ import annotations

from typing import Final

from tests.faults import (
    bodies,
    connecting,
    elsewhere,
    heads,
    leading,
    optional,
    proxied,
    refusals,
    reuse,
    streams,
)
from tests.faults.fault import Fault

__all__ = ["FAULTS", "WAITING"]

FAULTS: Final[tuple[Fault, ...]] = (
    *connecting.CONNECT,
    *connecting.TLS,
    *connecting.WRITE,
    *optional.ASKING,
    *optional.COMPRESSED,
    *heads.HEAD,
    *bodies.BODY,
    *optional.INTO_A_FILE,
    *bodies.CHUNKING,
    *reuse.KEEP_ALIVE,
    *streams.EVENT_STREAM,
    *refusals.ERROR_BODY,
    *refusals.RETRY,
    *elsewhere.REDIRECT,
    *leading.REDIRECT,
    *proxied.PROXY,
    *elsewhere.CLOCK,
    *elsewhere.TOKEN,
)

WAITING: Final[frozenset[str]] = frozenset()
"""Names of rows that state what must come, and does not yet."""
