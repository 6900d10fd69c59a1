"""Tables as CSV: rows to text, and text to rows."""

from __future__ import annotations

import csv
import io
import re
from typing import Any, Final

from sagemaker_rt.errors import OutputDecodingError, SerializationError
from sagemaker_rt.sansio.json_encoding import array_as_list

__all__ = ["decode_csv", "encode_csv"]

_NUMBER: Final = re.compile(
    r" *[+-]?(?:(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
    r"|nan|inf|infinity) *",
    re.IGNORECASE,
)
_LONG_INTEGER: Final = re.compile(r" *[+-]?[0-9]{16,} *")  # a float may round it


def encode_csv(value: object, name: str) -> bytes:
    r"""Return rows as CSV in UTF-8, with ``\n`` after each row.

    Args:
        value: A list of rows, one row of values, or an array of one or two dimensions.
            None is an empty cell.
        name: The name of the value in errors.

    Raises:
        SerializationError: The value is not a table. The error has the ``path`` of the
            first item that is invalid.
    """
    table = _row_of(value)
    if table is None:
        right = "it must be a list of rows, an array of one or two dimensions, or text"
        raise _error(name, f"is of type {type(value).__name__}; {right}")
    has_rows = bool(table) and _row_of(table[0]) is not None
    rows = table if has_rows or not table else [table]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    for index, row in enumerate(rows):
        path = f"{name}[{index}]" if has_rows else name
        writer.writerow(_cells(row, path))
    try:
        return file.getvalue().encode()
    except UnicodeEncodeError as error:
        raise _error(name, "has a lone surrogate; it is not valid text") from error


def decode_csv(text: str, *, numbers: bool) -> list[list[Any]]:
    """Return the rows of *text*; empty lines are ignored.

    Args:
        numbers: Convert the cells to floats, if all of them are numbers that a float
            can hold. Numbers with leading zeros, such as ``007``, are text.

    Raises:
        OutputDecodingError: The text is not CSV.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        message = f"line {reader.line_num} of the body is not CSV: {error}"
        raise OutputDecodingError(message) from error
    if numbers and all(_is_number(cell) for row in rows for cell in row):
        return [[float(cell) for cell in row] for row in rows]
    return rows


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell)) and not _LONG_INTEGER.fullmatch(cell)


def _row_of(value: object) -> list[Any] | tuple[Any, ...] | None:
    """Return *value* as a sequence; None if it is not one."""
    if isinstance(value, (list, tuple)):
        return value
    converted = array_as_list(value)
    return converted if isinstance(converted, list) else None


def _cells(row: object, path: str) -> list[object]:
    """Return the cells of *row*.

    Raises:
        SerializationError: It is not a row, or one of its cells is invalid.
    """
    values = _row_of(row)
    if values is None:
        raise _error(path, f"is of type {type(row).__name__}; it must be a row")
    cells: list[object] = []
    for index, value in enumerate(values):
        cell = array_as_list(value) if hasattr(value, "dtype") else value
        if cell is not None and not isinstance(cell, (str, int, float)):
            place = f"{path}[{index}]"
            problem = f"is of type {type(value).__name__}; a cell is text or a number"
            raise _error(place, problem)
        cells.append(cell)
    return cells


def _error(path: str, problem: str) -> SerializationError:
    error = SerializationError(f"{path} {problem}")
    error.path = path
    return error
