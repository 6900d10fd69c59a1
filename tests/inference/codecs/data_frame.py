"""A data frame with the methods of pandas that codecs use."""

from __future__ import annotations

import csv
import io
from typing import Any


class DataFrame:
    """Columns and rows; the methods have the parameters and results of pandas."""

    def __init__(self, columns: list[str], rows: list[list[Any]]) -> None:
        self.columns = columns
        self._rows = rows

    def to_csv(self, *, index: bool, header: bool, lineterminator: str) -> str:
        assert not index
        file = io.StringIO(newline="")
        writer = csv.writer(file, lineterminator=lineterminator)
        writer.writerows([self.columns] if header else [])
        writer.writerows(self._rows)
        return file.getvalue()

    def isna(self) -> DataFrame:
        missing = [[cell is None or cell != cell for cell in row] for row in self._rows]  # noqa: PLR0124 - NaN
        return DataFrame(self.columns, missing)

    def to_dict(self, *, orient: str) -> dict[str, list[Any]]:
        assert orient == "split"
        return {"columns": self.columns, "data": self._rows}
