"""What a row of the table of features is."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

__all__ = ["ENDINGS", "IDIOM", "NATIVE", "N_OP", "PEERS", "RESERVED", "Row"]

NATIVE: Final = "native"
"""There is something of ours for it."""
IDIOM: Final = "idiom"
"""Python, asyncio or attrs says it already."""
N_OP: Final = "n-op"
"""It has no meaning for this service; `ported_options` takes it."""
RESERVED: Final = "reserved"
"""It comes later."""
ENDINGS: Final = (NATIVE, IDIOM, N_OP, RESERVED)

PEERS: Final = {
    "G": "Go",
    "R": "Ruby",
    "J": "JS",
    "H": "Haskell",
    "E": "Elixir",
    "boto": "boto3",
}
"""The AWS SDKs for Go v2, Ruby v3 and JavaScript v2, amazonka, aws-elixir, boto3."""


def _peers(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@frozen
class Row:
    """One feature, who has it elsewhere, and what there is here."""

    feature: str
    who: tuple[str, ...] = field(converter=_peers)
    """Keys of `PEERS`, written with spaces between them."""
    ending: str
    ours: str
    """What says it here; code stands between backticks."""
    test: str
    """The file and the name of the test that holds it."""
