"""JSON and JSON Lines."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    SerializationError,
)
from sagemaker_rt.inference.codecs.json_codecs import JSONCodec, JSONLinesCodec
from tests.inference.codecs.data_frame import DataFrame


def test_json_is_encoded_and_decoded() -> None:
    value = {"instances": np.array([[1.5]]), "stop": None}

    assert b'{"instances":[[1.5]],"stop":null}' == JSONCodec().encode(value)
    assert {"a": "é"} == JSONCodec().decode('{"a": "é"}'.encode(), "application/json")


def test_what_json_cannot_hold_is_an_error_with_its_path() -> None:
    with pytest.raises(SerializationError) as caught:
        JSONCodec().encode({"a": [math.nan]})

    assert "value['a'][0]" == caught.value.path


@pytest.mark.parametrize("body", [b"", b"<html>"])
def test_what_is_not_json_is_an_error(body: bytes) -> None:
    with pytest.raises(InvalidJSONError):
        JSONCodec().decode(body, "application/json")


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ([{"a": 1}, [2], "three"], b'{"a":1}\n[2]\n"three"\n'),
        (({"a": number} for number in (1, 2)), b'{"a":1}\n{"a":2}\n'),
        ({"a": 1}, b'{"a":1}\n'),
        ([], b""),
        (np.array([[1, 2], [3, 4]]), b"[1,2]\n[3,4]\n"),
        (
            DataFrame(["a", "b"], [[1, math.nan], [1.5e-20, "x"]]),
            b'{"a":1,"b":null}\n{"a":1.5e-20,"b":"x"}\n',
        ),
    ],
    ids=["list", "generator", "dictionary", "empty", "array", "data frame"],
)
def test_each_item_is_a_line(value: object, body: bytes) -> None:
    assert body == JSONLinesCodec().encode(value)


def test_an_empty_data_frame_has_no_lines() -> None:
    assert b"" == JSONLinesCodec().encode(DataFrame(["a"], []))


def test_two_columns_of_one_name_are_an_error() -> None:
    with pytest.raises(SerializationError, match="same name"):
        JSONLinesCodec().encode(DataFrame(["a", "a"], [[1, 2]]))


def test_the_path_of_a_cell_has_the_row_and_the_column() -> None:
    with pytest.raises(SerializationError) as caught:
        JSONLinesCodec().encode(DataFrame(["a"], [[1], [math.inf]]))

    assert "value[1]['a']" == caught.value.path


@pytest.mark.parametrize(
    "value", ["text", b"bytes", bytearray(b"bytes"), 1, None, np.array(1), np.int8(1)]
)
def test_what_is_not_iterable_is_an_error(value: object) -> None:
    with pytest.raises(SerializationError):
        JSONLinesCodec().encode(value)


def test_the_path_of_an_invalid_item_has_the_number_of_its_line() -> None:
    with pytest.raises(SerializationError) as caught:
        JSONLinesCodec().encode([1, {"a": {2}}])

    assert "value[1]['a']" == caught.value.path


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"", []),
        (b'{"a": 1}\n\n{"a": 2}\r\n', [{"a": 1}, {"a": 2}]),
        (b'\xef\xbb\xbf{"a": 1}', [{"a": 1}]),
        (b'{\n"a": 1}{"a": 2}', [{"a": 1}, {"a": 2}]),
        ('"a\u2028b"\n1'.encode(), ["a\u2028b", 1]),
        (b"[1, 2]\n[3]", [[1, 2], [3]]),
    ],
)
def test_lines_are_decoded_and_values_that_are_separated_otherwise(
    body: bytes, values: list[object]
) -> None:
    assert values == JSONLinesCodec().decode(body, "application/jsonlines")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"a": 1}\n{"a"', IncompleteOutputError),
        (b"<html>", InvalidJSONError),
        (b"\xff", InvalidTextError),
    ],
)
def test_damaged_lines_are_an_error(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        JSONLinesCodec().decode(body, None)


def test_each_truncated_object_is_an_error() -> None:
    body = b'{"a": [1, "\xc3\xa9"]}'
    for size in range(1, len(body)):
        with pytest.raises((IncompleteOutputError, InvalidTextError)):
            JSONLinesCodec().decode(body[:size], None)


def test_lone_surrogates_of_a_charset_are_an_error() -> None:
    with pytest.raises(InvalidTextError):
        JSONLinesCodec().decode(b"+2AA-", "application/jsonlines; charset=utf-7")
