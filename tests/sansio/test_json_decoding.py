from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import InvalidJSONError, InvalidTextError, OutputDecodingError
from sagemaker_rt.sansio.json_decoding import (
    FastLoads,
    fast_loads_of,
    invalid_json,
    parse_json,
    parse_json_by,
)

ORJSON = fast_loads_of("orjson")
LONG = "1" * 10_000  # the limit of integers is 4,300 digits
LOADERS = [ORJSON, fast_loads_of("no_such_module")]

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def outcome(fast_loads: FastLoads | None, data: bytes | str) -> str:
    """The value as Python writes it, for NaN, -0.0 and 1.0; or the error."""
    try:
        return repr(parse_json_by(fast_loads, data))
    except OutputDecodingError as error:
        return f"{type(error)} {error}"


@pytest.mark.parametrize("loads", LOADERS)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":[1,-2.5,null,true]}', {"a": [1, -2.5, None, True]}),
        ('["\\u00e9\\ud83d\\ude80"]', ["é🚀"]),
        (" \r\n\t{ } ", {}),
        ('{"a":1,"a":2}', {"a": 2}),
        ('["\u2028\x7f"]', ["\u2028\x7f"]),
        ('"\\ud800"', "\ud800"),
        ("[Infinity,-Infinity,1e999]", [float("inf"), float("-inf"), float("inf")]),
        ("18446744073709551616", 2**64),
        ("-9223372036854775809", -(2**63) - 1),
        ("[18446744073709551616]", [2**64]),
        ("[0, -9223372036854775809]", [0, -(2**63) - 1]),
        ('{"a":18446744073709551616}', {"a": 2**64}),
        ("[0,\n18446744073709551616]", [0, 2**64]),
        ('[18446744073709551615,"18446744073709551616"]', [2**64 - 1, str(2**64)]),
        ("[1.18446744073709551616]", [1.18446744073709551616]),
    ],
)
def test_a_document_is_parsed_with_and_without_orjson(
    loads: FastLoads | None, text: str, value: Any
) -> None:
    assert repr(value) == outcome(loads, text)
    assert repr(value) == outcome(loads, text.encode())


@pytest.mark.parametrize("loads", LOADERS)
def test_nan_is_parsed_with_and_without_orjson(loads: FastLoads | None) -> None:
    assert "[nan]" == outcome(loads, b"[NaN]")


@pytest.mark.parametrize("loads", LOADERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[1,]",
        "01",
        "1.",
        '"a\tb"',
        '"\\x"',
        "1 2",
        "\ufeff1",
        "nul",
        LONG,
    ],
)
def test_invalid_documents_are_errors(loads: FastLoads | None, text: str) -> None:
    with pytest.raises(InvalidJSONError) as raised:
        parse_json_by(loads, text)

    assert text[:200] == raised.value.value
    assert outcome(None, text) == outcome(loads, text.encode())


@pytest.mark.parametrize("loads", LOADERS)
@pytest.mark.parametrize("data", [b'"\xff"', b"\xed\xa0\x80", b'["\xe2\x82'])
def test_bytes_that_are_not_utf8_are_errors(
    loads: FastLoads | None, data: bytes
) -> None:
    with pytest.raises(InvalidTextError):
        parse_json_by(loads, data)


@given(JSON_VALUES, st.booleans())
def test_orjson_gives_the_values_of_the_standard_library(
    value: object, is_ascii: bool
) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)

    assert repr(json.loads(text)) == outcome(ORJSON, text) == outcome(None, text)


@given(JSON_VALUES, st.data())
def test_orjson_gives_the_errors_of_the_standard_library(
    value: object, data: st.DataObject
) -> None:
    text = json.dumps(value)
    position = data.draw(st.integers(0, len(text)))
    removed = data.draw(st.integers(0, 3))
    added = data.draw(
        st.sampled_from(["", "1" * 19, '"', "-", "[", "}", "\\", "e", "\0"])
    )
    changed = text[:position] + added + text[position + removed :]

    assert outcome(None, changed) == outcome(ORJSON, changed)


def test_a_document_is_parsed_by_what_is_installed() -> None:
    assert {"a": 1} == parse_json(b'{"a": 1}') == parse_json('{"a": 1}')


def test_orjson_is_not_called_for_integers_that_it_would_change() -> None:
    def loads(data: bytes | str) -> Any:
        raise AssertionError(data)

    assert [2**64] == parse_json_by(loads, f"[{2**64}]")


def test_an_error_has_the_start_of_the_document() -> None:
    assert "x" * 200 == invalid_json("x" * 201, "it is long").value


@pytest.mark.parametrize("loads", LOADERS)
def test_a_document_that_is_nested_too_deeply_is_an_error(
    loads: FastLoads | None,
) -> None:
    text = "[" * 100_000 + "]" * 100_000

    with pytest.raises(InvalidJSONError) as raised:
        parse_json_by(loads, text)

    assert "[" * 200 == raised.value.value
