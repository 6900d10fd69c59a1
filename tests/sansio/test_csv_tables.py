"""Rows as CSV, and CSV as rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import OutputDecodingError, SerializationError
from sagemaker_rt.sansio.csv_tables import decode_csv, encode_csv


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ([[1, 2.5], [3, None]], "1,2.5\n3,\n"),
        ([1, "a,b", 'say "hi"', "é", True], '1,"a,b","say ""hi""",é,True\n'),
        (((1, 2), (3, 4)), "1,2\n3,4\n"),
        ([], ""),
        ([[]], "\n"),
        (np.array([[1.5, 2.0], [3.0, 4.0]]), "1.5,2.0\n3.0,4.0\n"),
        (np.array([1, 2]), "1,2\n"),
        ([np.array([1, 2]), [3, np.float32(0.5)]], "1,2\n3,0.5\n"),
        ([math.nan], "nan\n"),
    ],
)
def test_a_table_is_encoded_row_by_row(value: object, encoded: str) -> None:
    assert encoded == encode_csv(value, "value").decode()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": 1}, "value"),
        (5, "value"),
        (np.float32(1.0), "value"),
        ([1, {2}], "value[1]"),
        ([[1], 2], "value[1]"),
        ([[1], [2, b"3"]], "value[1][1]"),
        (np.zeros((1, 1, 1)), "value[0][0]"),
        (["\ud800"], "value"),
    ],
)
def test_what_is_not_a_table_is_an_error_with_its_path(
    value: object, path: str
) -> None:
    with pytest.raises(SerializationError) as caught:
        encode_csv(value, "value")

    assert path == caught.value.path


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("0.5", [[0.5]]),
        ("1,2\n3,-4e-1\n", [[1.0, 2.0], [3.0, -0.4]]),
        ("1\r\n\r\n2\r\n", [[1.0], [2.0]]),
        (" 1, .5 ,+2.", [[1.0, 0.5, 2.0]]),
        ("inf,-Infinity", [[math.inf, -math.inf]]),
        ("1,a", [["1", "a"]]),
        ("007", [["007"]]),
        ("1_0", [["1_0"]]),
        ("1,", [["1", ""]]),
        ("12345678901234567890", [["12345678901234567890"]]),
        ('"a,b","say ""hi"""\n', [["a,b", 'say "hi"']]),
        ('"a\nb",c', [["a\nb", "c"]]),
    ],
)
def test_cells_are_floats_if_all_are_numbers(text: str, rows: list[Any]) -> None:
    assert rows == decode_csv(text, numbers=True)


def test_cells_stay_text_on_request() -> None:
    assert [["1", "2"]] == decode_csv("1,2", numbers=False)


@pytest.mark.parametrize("text", ['a,"b', 'a\n"b"c', "x" * 200_000])
def test_text_that_is_not_csv_is_an_error(text: str) -> None:
    with pytest.raises(OutputDecodingError, match="line"):
        decode_csv(text, numbers=True)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


@given(st.lists(st.lists(CELLS, min_size=1), min_size=1))
def test_what_is_encoded_is_decoded(rows: list[list[str]]) -> None:
    decoded = decode_csv(encode_csv(rows, "value").decode(), numbers=False)

    assert rows == decoded


@given(st.lists(st.lists(st.floats(), min_size=1), min_size=1))
def test_floats_are_decoded_to_the_same_floats(rows: list[list[float]]) -> None:
    decoded = decode_csv(encode_csv(rows, "value").decode(), numbers=True)

    assert repr(rows) == repr(decoded)
