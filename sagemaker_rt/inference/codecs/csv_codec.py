"""The codec of CSV."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from sagemaker_rt.errors import SerializationError
from sagemaker_rt.sansio.body_decoding import decode_body_as_text
from sagemaker_rt.sansio.csv_tables import decode_csv, encode_csv

__all__ = ["CSVCodec"]


@frozen
class CSVCodec:
    """CSV: a list of rows, one row, an array, or a data frame.

    An array has one or two dimensions. A data frame of pandas is sent without its
    index. Text and bytes are sent as they
    are. The decoded value is a list of rows, also for a single row or column.

    Args:
        header: Whether the column names of a data frame are the first row. Most models
            expect no header.
        numbers: Whether the cells of a response are converted to floats. That is done
            only if all of them are numbers; otherwise all are text.
    """

    header: bool = field(default=False, kw_only=True)
    numbers: bool = field(default=True, kw_only=True)
    content_type: str = field(default="text/csv", kw_only=True)
    accept: str = field(default="text/csv", kw_only=True)

    def encode(self, value: Any, /) -> bytes:
        r"""Return *value* as CSV in UTF-8, with ``\n`` after each row.

        Raises:
            SerializationError: It is not a table. The error has the ``path``.
        """
        if isinstance(value, bytes):
            return value
        if hasattr(value, "to_csv"):
            value = value.to_csv(index=False, header=self.header, lineterminator="\n")
        if not isinstance(value, str):
            return encode_csv(value, "value")
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            message = "value has a lone surrogate; it is not valid text"
            raise SerializationError(message) from error

    def decode(self, body: bytes, content_type: str | None, /) -> list[list[Any]]:
        """Return the rows in *body*.

        Raises:
            OutputDecodingError: The body is not CSV.
        """
        text = decode_body_as_text(body, content_type).removeprefix("\ufeff")
        return decode_csv(text, numbers=self.numbers)
