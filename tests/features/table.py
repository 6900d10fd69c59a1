"""The table of features as the README shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.features.row import NATIVE, PEERS, Row
from tests.features.rows import SECTIONS

__all__ = ["README", "between_the_marks", "rewritten", "table"]

README: Final = Path(__file__).parent.parent.parent / "README.md"
BEGIN: Final = "<!-- features: `python -m tests.features` writes what follows -->\n"
END: Final = "<!-- features end -->\n"


def table() -> str:
    """Return the table as lines of Markdown."""
    head = ["", *PEERS.values(), "sagemaker_rt"]
    return "".join(
        f"{line}\n" for line in (_line(head), "|---" * len(head) + "|", *_body())
    )


def _body() -> Iterator[str]:
    for title, rows in SECTIONS.items():
        yield _line([f"**{title}**", *[""] * len(PEERS), ""])
        yield from map(_row, rows)


def _row(row: Row) -> str:
    marks = ["✓" if peer in row.who else "" for peer in PEERS]
    ours = row.ours if row.ending == NATIVE else f"{row.ours} *({row.ending})*"
    return _line([row.feature, *marks, ours])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def between_the_marks(text: str) -> str:
    """Return what stands in *text* where the table is to be."""
    return text.partition(BEGIN)[2].partition(END)[0]


def rewritten(text: str) -> str:
    """Return *text* with the table where it is to be."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}{table()}{end}{after}"
