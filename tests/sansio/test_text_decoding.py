from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import (
    InvalidTextError,
    LineTooLongError,
    ParamValidationError,
)
from sagemaker_rt.sansio.text_decoding import (
    LineDecoder,
    TextDecoder,
    decode_text,
    require_limit,
    require_mode,
)
from tests.splits import Decoded, decode, decode_all_splits, splits

TEXT = "aé你🚀\ufeff\x00b"


def text_of(data: bytes, errors: Any = "strict") -> set[str]:
    """Return the text that a decoder makes of *data*, for each way to split it."""
    return {"".join(decode(TextDecoder(errors), cut).results) for cut in splits(data)}


def test_a_character_may_be_split_anywhere() -> None:
    assert {TEXT} == text_of(TEXT.encode())


@given(st.text(), st.integers(0, 9), st.integers(0, 9))
def test_any_text_is_decoded(text: str, first: int, second: int) -> None:
    data = text.encode()
    chunks = [data[:first], data[first : first + second], data[first + second :]]

    assert text == "".join(decode(TextDecoder(), chunks).results)


def test_no_empty_text_is_returned() -> None:
    texts: list[str] = []
    decoder = TextDecoder()

    decoder.feed("é".encode()[:1], texts)
    decoder.feed(b"", texts)

    assert not texts


@pytest.mark.parametrize(
    ("data", "offset"),
    [(b"ab\xffc", 2), (b"a\xe9", 1), (b"\xf0\x9f\x9a", 0), (b"a\xed\xa0\x80", 1)],
)
def test_invalid_utf8_is_an_error_after_the_valid_text(
    data: bytes, offset: int
) -> None:
    for cut in splits(data):
        decoder, texts = TextDecoder(), list[str]()

        with pytest.raises(InvalidTextError, match=f"at byte {offset} "):
            decode_strictly(decoder, cut, texts)

        assert "".join(texts) == data[:offset].decode()


def decode_strictly(
    decoder: TextDecoder, chunks: list[bytes], texts: list[str]
) -> None:
    for chunk in chunks:
        decoder.feed(chunk, texts)
    decoder.close(texts)


@pytest.mark.parametrize("data", [b"ab\xffc", b"a\xe9", b"\xf0\x9f\x9a"])
def test_invalid_utf8_can_be_replaced(data: bytes) -> None:
    assert {data.decode(errors="replace")} == text_of(data, "replace")


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\rb\r", ["a", "b"]),
        (b"\n\r\n\r", ["", "", ""]),
        (b"a\r\n\n\r\rb", ["a", "", "", "", "b"]),
        ("a\u2028b\x85c\x0bd\x0ce\u2029\n".encode(), ["a\u2028b\x85c\x0bd\x0ce\u2029"]),
        ("é\n🚀".encode(), ["é", "🚀"]),
    ],
)
def test_lines_end_at_three_terminators_only(data: bytes, lines: list[str]) -> None:
    assert Decoded(lines) == decode_all_splits(LineDecoder, data)


def test_a_line_that_ends_with_a_carriage_return_is_not_delayed() -> None:
    lines: list[str] = []

    LineDecoder().feed(b"a\r", lines)

    assert lines == ["a"]


def test_an_invalid_line_is_an_error_after_the_lines_before_it() -> None:
    decoded = decode_all_splits(LineDecoder, b"a\nb\xff\nc\n")

    assert decoded == Decoded(["a"], InvalidTextError)


def test_an_invalid_line_can_be_replaced() -> None:
    decoded = decode_all_splits(lambda: LineDecoder("replace"), b"a\xff\n")

    assert decoded == Decoded(["a\ufffd"])


def test_the_length_of_a_line_is_limited() -> None:
    def new() -> LineDecoder:
        return LineDecoder(max_line_bytes=3)

    assert decode_all_splits(new, b"abc\nabcd\n") == Decoded(["abc"], LineTooLongError)
    assert decode_all_splits(new, b"abc\r\nabc") == Decoded(["abc", "abc"])


def test_the_limit_is_an_attribute_of_the_error() -> None:
    with pytest.raises(LineTooLongError) as caught:
        LineDecoder(max_line_bytes=3).feed(b"abcd", [])

    assert caught.value.limit == 3


def test_whole_texts_are_decoded() -> None:
    assert decode_text(b"\xc3\xa9") == "é"
    assert decode_text(b"\xe9", "replace") == "\ufffd"
    with pytest.raises(InvalidTextError, match="at byte 0"):
        decode_text(b"\xe9")


@pytest.mark.parametrize("errors", ["ignore", None, 1])
def test_invalid_bytes_are_an_error_or_are_replaced(errors: object) -> None:
    require_mode("strict")
    require_mode("replace")
    with pytest.raises(ParamValidationError):
        require_mode(errors)


@pytest.mark.parametrize("limit", [0, -1, 1.5, "1", None, True])
def test_a_limit_is_a_positive_integer(limit: object) -> None:
    require_limit(1, "limit")
    with pytest.raises(ParamValidationError, match="most must be"):
        require_limit(limit, "most")
