"""CSV."""

from __future__ import annotations

import numpy as np
import pytest

from sagemaker_rt.errors import (
    InvalidTextError,
    OutputDecodingError,
    SerializationError,
)
from sagemaker_rt.inference.codecs.csv_codec import CSVCodec
from tests.inference.codecs.data_frame import DataFrame

FRAME = DataFrame(["a", "b"], [[1, "x"], [2, "y"]])


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ([[1, 2], [3, 4]], b"1,2\n3,4\n"),
        (np.array([1.5, 2.0]), b"1.5,2.0\n"),
        ("1,é\n", "1,é\n".encode()),
        (b"1,2", b"1,2"),
        (FRAME, b"1,x\n2,y\n"),
    ],
    ids=["rows", "array", "text", "bytes", "data frame"],
)
def test_tables_are_encoded(value: object, body: bytes) -> None:
    assert body == CSVCodec().encode(value)


def test_a_data_frame_is_sent_with_its_header_on_request() -> None:
    assert b"a,b\n1,x\n2,y\n" == CSVCodec(header=True).encode(FRAME)


@pytest.mark.parametrize("value", [{"a": 1}, 5, None, "\ud800"])
def test_what_is_not_a_table_is_an_error(value: object) -> None:
    with pytest.raises(SerializationError):
        CSVCodec().encode(value)


def test_rows_of_numbers_are_floats() -> None:
    assert [[0.25], [0.5]] == CSVCodec().decode(b"0.25\n0.5\n", "text/csv")
    assert [["0.25"]] == CSVCodec(numbers=False).decode(b"0.25", "text/csv")
    assert [["é", "1"]] == CSVCodec().decode(b"\xe9,1", "text/csv; charset=latin-1")
    assert [[1.0]] == CSVCodec().decode(b"\xef\xbb\xbf1", None)
    assert [] == CSVCodec().decode(b"", None)


def test_damaged_rows_are_an_error() -> None:
    with pytest.raises(OutputDecodingError):
        CSVCodec().decode(b'a,"b', "text/csv")
    with pytest.raises(InvalidTextError):
        CSVCodec().decode(b"\xff", "text/csv")
