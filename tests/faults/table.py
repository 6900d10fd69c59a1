"""Every fault, and those of them whose rule does not hold yet."""

from __future__ import annotations

from typing import Final

from tests.faults import bodies, connecting, elsewhere, heads, refusals, reuse, streams
from tests.faults.fault import Fault

__all__ = ["FAULTS", "WAITING"]

FAULTS: Final[tuple[Fault, ...]] = (
    *connecting.CONNECT,
    *connecting.TLS,
    *connecting.WRITE,
    *heads.HEAD,
    *bodies.BODY,
    *bodies.CHUNKING,
    *reuse.KEEP_ALIVE,
    *streams.EVENT_STREAM,
    *refusals.ERROR_BODY,
    *refusals.RETRY,
    *elsewhere.REDIRECT,
    *elsewhere.CLOCK,
    *elsewhere.TOKEN,
)

WAITING: Final[frozenset[str]] = frozenset()
"""Names of rows that state what must come, and does not yet."""
