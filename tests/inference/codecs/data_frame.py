"""A data frame with the methods of pandas that codecs use."""

from __future__ import annotations

import csv
import io
import json
from typing import Any


class DataFrame:
    """Columns and rows; the methods have the parameters and results of pandas."""

    def __init__(self, columns: list[str], rows: list[list[Any]]) -> None:
        self._columns = columns
        self._rows = rows

    def to_csv(self, *, index: bool, header: bool, lineterminator: str) -> str:
        assert not index
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator=lineterminator)
        writer.writerows([self._columns] if header else [])
        writer.writerows(self._rows)
        return file.getvalue()

    def to_json(self, *, orient: str, lines: bool, double_precision: int) -> str:
        assert (orient, lines, double_precision) == ("records", True, 15)
        records = [dict(zip(self._columns, row, strict=True)) for row in self._rows]
        return "\n".join(map(json.dumps, records))
