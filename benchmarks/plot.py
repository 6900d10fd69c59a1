"""Draw the first table of `benchmarks/README.md` as `benchmarks/call_cost.svg`.

Run it after the table has changed. A bar shows the client CPU time of a call, relative
to that of sagemaker-rt.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

__all__ = ["README", "SVG", "drawing", "ratios"]

README: Final = Path(__file__).parent / "README.md"
SVG: Final = Path(__file__).parent / "call_cost.svg"
_ROW: Final = re.compile(r"^\| (\S[^|]*?) \| ([\d.]+) \|", re.MULTILINE)
_BAR: Final = 22
_LABELS: Final = 190
_SCALE: Final = 40


def ratios(text: str) -> list[tuple[str, float]]:
    """Return names and ratios in the first table of *text*."""
    section = text.partition("## Cost of a call")[2].partition("\n## ")[0]
    rows = [(name, float(ratio)) for name, ratio in _ROW.findall(section)]
    return [("sagemaker-rt", 1.0), *rows]


def drawing(rows: list[tuple[str, float]]) -> str:
    """Return an SVG with a bar for each row."""
    height = (len(rows) + 1) * (_BAR + 8)
    width = _LABELS + int(max(ratio for _, ratio in rows) * _SCALE) + 60
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{height}" font-family="sans-serif" font-size="13">'
        ),
        '<text x="0" y="16">client CPU time per call, sagemaker-rt = 1</text>',
    ]
    for number, (name, ratio) in enumerate(rows, 1):
        top = number * (_BAR + 8)
        color = "#0a7" if number == 1 else "#88a"
        lines += [
            f'<text x="0" y="{top + 16}">{name}</text>',
            (
                f'<rect x="{_LABELS}" y="{top}" width="{ratio * _SCALE:.0f}" '
                f'height="{_BAR}" fill="{color}"/>'
            ),
            (
                f'<text x="{_LABELS + ratio * _SCALE + 6:.0f}" y="{top + 16}">'
                f"{ratio:g}</text>"
            ),
        ]
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    SVG.write_text(drawing(ratios(README.read_text(encoding="utf-8"))), "utf-8")
