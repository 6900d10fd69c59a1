"""Every fault, and those of them whose rule does not hold yet."""

from __future__ import annotations

from typing import Final

from tests.faults import connecting
from tests.faults.fault import Fault

__all__ = ["FAULTS", "WAITING"]

FAULTS: Final[tuple[Fault, ...]] = (
    *connecting.CONNECT,
    *connecting.TLS,
    *connecting.WRITE,
)

WAITING: Final[frozenset[str]] = frozenset(
    {"half an upload is read, and the connection ended"}
)
"""Names of rows that state what must come, and does not yet."""
