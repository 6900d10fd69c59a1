"""Writes the ratios of `unary` to `benchmarks/README.md`, and draws them.

The picture, `benchmarks/call_cost.svg`, shows the first column of the first table. A
bar is the client CPU time of a call, relative to that of sagemaker-rt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["README", "SVG", "drawing", "ratios", "write_ratios"]

README: Final = Path(__file__).parent / "README.md"
SVG: Final = Path(__file__).parent / "call_cost.svg"
_NAMES: Final = {
    "sagemaker_rt, uvloop": "sagemaker-rt with uvloop",
    "sagemaker_rt, aiohttp": "sagemaker-rt with aiohttp",
    "bare": "bare aiohttp",
    "boto3": "boto3, threads",
}
"""Names of variants in the README, if they differ."""
_ROW: Final = re.compile(r"^\| (\S[^|]*?) \| ([\d.]+) \|", re.MULTILINE)
_BAR: Final = 22
_LABELS: Final = 190
_SCALE: Final = 40


def ratios(text: str) -> list[tuple[str, float]]:
    """Return names and ratios in the first table of *text*."""
    table = text.partition("\n### Python ")[2].partition("\n#")[0]
    rows = [(name, float(ratio)) for name, ratio in _ROW.findall(table)]
    return [("sagemaker-rt", 1.0), *rows]


def write_ratios(python: str, columns: Mapping[str, Mapping[str, float]]) -> None:
    """Replace the table of a version of Python in the README, and draw the picture.

    Args:
        python: The version, such as ``3.11``.
        columns: The ratios by the names of columns, and of variants.
    """
    text = README.read_text(encoding="utf-8")
    before, heading, after = text.partition(f"\n### Python {python}\n\n")
    if not heading:
        message = f"{README} has no heading for Python {python}"
        raise SystemExit(message)
    table, rest = _table(columns), after[after.index("\n\n") :]
    text = f"{before}{heading}{table}{rest}"
    README.write_text(text, "utf-8")
    SVG.write_text(drawing(ratios(text)), "utf-8")


def _table(columns: Mapping[str, Mapping[str, float]]) -> str:
    first, *variants = next(iter(columns.values()))
    lines = [
        f"| client CPU ÷ {first} | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for variant in variants:
        cells = (f"{column[variant]:.2f}" for column in columns.values())
        lines.append(f"| {_NAMES.get(variant, variant)} | {' | '.join(cells)} |")
    return "\n".join(lines)


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
