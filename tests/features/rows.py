"""The table of features: what the peers have, and what there is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.features.client import CLIENT
from tests.features.http import HTTP
from tests.features.identity import IDENTITY
from tests.features.interception import INTERCEPTION
from tests.features.operations import OPERATIONS
from tests.features.retry import RETRY
from tests.features.row import Row
from tests.features.streams import STREAMS
from tests.features.telling import TELLING

__all__ = ["ROWS", "SECTIONS"]

SECTIONS: Final[Mapping[str, tuple[Row, ...]]] = {
    "Operations": OPERATIONS,
    "Clients and options": CLIENT,
    "Credentials and signatures": IDENTITY,
    "Attempts": RETRY,
    "HTTP": HTTP,
    "Streams": STREAMS,
    "Logs, traces, facts": TELLING,
    "Interception and tests": INTERCEPTION,
}
ROWS: Final = tuple(row for section in SECTIONS.values() for row in section)
