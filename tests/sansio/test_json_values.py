from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    LineTooLongError,
)
from sagemaker_rt.sansio.json_values import JSONValueDecoder
from tests.splits import Decoded, decode, decode_all_splits


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"", []),
        (b" \r\n\t,", []),
        (b'{"a":1}', [{"a": 1}]),
        (b'{"a":1}\n{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'{"a":1}\r\n{"b":2}\r\n', [{"a": 1}, {"b": 2}]),
        (b'{"a":1}{"b":2}', [{"a": 1}, {"b": 2}]),
        (b'{"a":1},{"b":2}', [{"a": 1}, {"b": 2}]),
        (b'\x1e{"a":1}\n\x1e{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'{\n  "a": [\n 1, {}\n]\n}\n{}', [{"a": [1, {}]}, {}]),
        (b'{"a":"}{][\\"\\\\"}[]', [{"a": '}{]["\\'}, []]),
        (b'"\\\\" "\\"" ""', ["\\", '"', ""]),
        ('{"é":"🚀\u2028"}'.encode(), [{"é": "🚀\u2028"}]),
        (b'"\\ud83d\\ude80"', ["🚀"]),
        (b"1 23\n-4.5e6,null true,false", [1, 23, -4.5e6, None, True, False]),
        (b'1"a"2[3]4{}5', [1, "a", 2, [3], 4, {}, 5]),
        (b"[1,2]\n[[3]]", [[1, 2], [[3]]]),
    ],
)
def test_values_are_decoded_for_every_split(data: bytes, values: list[Any]) -> None:
    assert Decoded(values) == decode_all_splits(JSONValueDecoder, data)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b'[{"a":1},{"b":[2]}]', [{"a": 1}, {"b": [2]}]),
        (b'[[{"a":1}],[]] {"b":2}', [[{"a": 1}], [], {"b": 2}]),
        (b"[[1,2],[3]][[4]]", [[1, 2], [3], [4]]),
        (b"[1, 2]3[ ]", [1, 2, 3]),
    ],
)
def test_arrays_can_be_flattened(data: bytes, values: list[Any]) -> None:
    decoded = decode_all_splits(lambda: JSONValueDecoder(flatten=True), data)

    assert decoded == Decoded(values)


def test_items_of_a_flattened_array_are_not_delayed() -> None:
    values: list[Any] = []

    JSONValueDecoder(flatten=True).feed(b'[{"a":1}', values)

    assert values == [{"a": 1}]


@pytest.mark.parametrize("data", [b'{"a":', b'{"a', b'{"a\\', b"[1", b'"', b'"\\"'])
def test_an_input_that_ends_inside_a_value_is_incomplete(data: bytes) -> None:
    decoded = decode_all_splits(JSONValueDecoder, b"{}" + data)

    assert decoded == Decoded([{}], IncompleteOutputError)


@pytest.mark.parametrize("data", [b"[{}", b"[{},", b"[{},[", b"[{} "])
def test_a_flattened_array_without_its_end_is_incomplete(data: bytes) -> None:
    decoded = decode_all_splits(lambda: JSONValueDecoder(flatten=True), data)

    assert decoded == Decoded([{}], IncompleteOutputError)


@pytest.mark.parametrize(
    "data",
    [
        b"}",
        b"]",
        b'{"a" 1}',
        b"{]",
        b"abc",
        b"abc {}",
        b"1.",
        b'{"a\nb":1}',
        b'"\r"',
        b"nul",
    ],
)
@pytest.mark.parametrize("flatten", [False, True])
def test_a_value_that_is_not_json_is_an_error_after_the_values_before_it(
    data: bytes, flatten: bool
) -> None:
    decoded = decode_all_splits(lambda: JSONValueDecoder(flatten=flatten), b"{}" + data)

    assert decoded == Decoded([{}], InvalidJSONError)


@pytest.mark.parametrize("data", [b'"\xff"', b"1\xff "])
def test_invalid_utf8_is_an_error(data: bytes) -> None:
    decoded = decode_all_splits(JSONValueDecoder, b"{}" + data)

    assert decoded == Decoded([{}], InvalidTextError)


@pytest.mark.parametrize("data", [b'"1234567890"', b"1234567890.5", b'{"12345678":0}'])
def test_the_size_of_a_value_is_limited(data: bytes) -> None:
    def new() -> JSONValueDecoder:
        return JSONValueDecoder(max_value_bytes=10)

    decoded = decode_all_splits(new, b"{}" + data)

    assert decoded == Decoded([{}], LineTooLongError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=4), st.integers(0, 60), st.sampled_from([None, 2]))
def test_what_is_encoded_is_decoded(
    values: list[Any], cut: int, indent: int | None
) -> None:
    text = "\n".join(json.dumps(value, indent=indent) for value in values)
    data = text.encode()

    decoded = decode(JSONValueDecoder(), [data[:cut], data[cut:]])

    assert decoded == Decoded(values)
