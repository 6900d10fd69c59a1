"""Codecs of JSON, and of JSON Lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from sagemaker_rt.errors import InvalidJSONError, SerializationError
from sagemaker_rt.sansio.body_decoding import decode_body_as_json, decode_body_as_text
from sagemaker_rt.sansio.json_decoding import parse_json
from sagemaker_rt.sansio.json_encoding import array_as_list, encode_json
from sagemaker_rt.sansio.json_values import JSONValueDecoder

__all__ = ["JSONCodec", "JSONLinesCodec", "frame_records"]

_BOM: Final = "\ufeff"
_NOT_LISTS: Final = (str, bytes, bytearray, memoryview)


@frozen
class JSONCodec:
    """JSON: dictionaries, lists, text, numbers, booleans and None.

    Arrays and scalars of NumPy and similar libraries become lists and numbers. NaN is
    an error in a request; in a response it is accepted.
    """

    content_type: str = "application/json"
    accept: str = "application/json"

    def encode(self, value: Any, /) -> bytes:
        """Return *value* as JSON in UTF-8.

        Raises:
            SerializationError: JSON cannot hold it. The error has the ``path``.
        """
        return encode_json(value, "value")

    def decode(self, body: bytes, content_type: str | None, /) -> Any:
        """Return the JSON value in *body*.

        Raises:
            InvalidJSONError: The body is not JSON.
            InvalidTextError: The body is not text.
        """
        return decode_body_as_json(body, content_type)


@frozen
class JSONLinesCodec:
    """JSON Lines: one JSON value a line.

    The value is an iterable of JSON values; a data frame of pandas, with one line a
    row, and null for a missing value; or a dictionary, which is one line. The decoded
    value is a list.
    """

    content_type: str = "application/jsonlines"
    accept: str = "application/jsonlines"

    def encode(self, value: Any, /) -> bytes:
        """Return *value* as JSON values in UTF-8, each with a newline.

        Raises:
            SerializationError: It is not iterable, or JSON cannot hold one of its
                items. The error has the ``path``.
        """
        if isinstance(value, Mapping):
            return encode_json(value, "value") + b"\n"
        if hasattr(value, "isna") and hasattr(value, "columns"):
            value = frame_records(value)
        if (rows := array_as_list(value)) is not None:
            value = rows
        if isinstance(value, _NOT_LISTS) or not isinstance(value, Iterable):
            message = (
                f"value is of type {type(value).__name__}; it must be a list of values"
            )
            raise SerializationError(message)
        lines_of_items = [
            encode_json(item, f"value[{index}]") for index, item in enumerate(value)
        ]
        return b"".join([line + b"\n" for line in lines_of_items])

    def decode(self, body: bytes, content_type: str | None, /) -> list[Any]:
        """Return the JSON values in *body*; they may span several lines.

        Raises:
            InvalidJSONError: A value is not JSON.
            IncompleteOutputError: The body ended inside a value.
            InvalidTextError: The body is not text.
        """
        text = decode_body_as_text(body, content_type).removeprefix(_BOM)
        try:
            lines = [line for line in text.split("\n") if line.strip()]
            return [parse_json(line.removeprefix(_BOM)) for line in lines]
        except InvalidJSONError:  # values that span lines, or share one
            pass
        decoder = JSONValueDecoder(max_value_bytes=4 * len(text) + 1)
        values: list[Any] = []
        # some charsets can hold lone surrogates, which are an error of their value
        decoder.feed(text.encode(errors="surrogatepass"), values)
        decoder.close(values)
        return values


def frame_records(frame: Any) -> list[dict[Any, Any]]:
    """Return the rows of a data frame of pandas, with None for a missing value.

    Its own method ``to_json`` rounds numbers to 15 digits after the decimal point.

    Raises:
        SerializationError: Two columns have the same name.
    """
    columns = list(frame.columns)
    if len({*columns}) < len(columns):
        message = "two columns of the data frame have the same name"
        raise SerializationError(message)
    rows = frame.to_dict(orient="split")["data"]
    missing = frame.isna().to_dict(orient="split")["data"]
    return [
        {
            column: None if is_missing else cell
            for column, cell, is_missing in zip(columns, *cells, strict=True)
        }
        for cells in zip(rows, missing, strict=True)
    ]
