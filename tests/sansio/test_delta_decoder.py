from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ContainerStreamError,
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    LineTooLongError,
    OutputDecodingError,
    UnknownFormatError,
)
from sagemaker_rt.sansio.delta_decoder import DeltaDecoder
from sagemaker_rt.sansio.delta_formats import DELTA_FORMATS
from sagemaker_rt.sansio.text_deltas import DeltaFormat, TextDelta
from tests.splits import decode, decode_all_splits


class Words(DeltaFormat):
    """A format of the test."""

    name = "words"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        return "word" in value

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        self.is_finished = bool(value.get("last"))
        yield TextDelta(value.get("word", ""), value.get("choice", 0))


def lines(*values: object) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def texts(data: bytes, **options: Any) -> list[str]:
    decoded = decode_all_splits(lambda: DeltaDecoder(**options), data)
    assert decoded.error is None
    return [delta.text for delta in decoded.results]


def raised(data: bytes, **options: Any) -> OutputDecodingError:
    """Return the error that *data* raises."""
    decoder = DeltaDecoder(**options)
    try:
        decoder.feed(data, [])
        decoder.close([])
    except OutputDecodingError as error:
        assert decoder.ended is None  # the error is tested by callers
        return error
    pytest.fail("no error was raised")


TOKEN = {"token": {"text": "a"}}
LAST_TOKEN = {"token": {"text": "b"}, "generated_text": "ab"}


def test_the_format_is_recognized_from_the_first_object() -> None:
    data = lines(None, 1, TOKEN, LAST_TOKEN)

    assert texts(data, content_type="application/jsonlines") == ["a", "b"]


def test_a_format_can_be_named() -> None:
    data = lines({"word": "a"}, {"other": 1}, {"word": "b", "last": True})

    assert texts(data, format=Words) == ["a", "b"]
    assert texts(data, format=Words, content_type="text/plain") == ["a", "b"]


def test_formats_can_be_added() -> None:
    data = lines({"word": "a"}, {"word": "b", "last": True})

    assert texts(data, formats=(*DELTA_FORMATS, Words)) == ["a", "b"]


def test_an_unknown_format_is_an_error_that_names_the_known_ones() -> None:
    error = raised(lines({"a": 1, "b": 2}), formats=(Words,))

    assert type(error) is UnknownFormatError
    assert "['a', 'b']" in str(error)
    assert "words" in str(error)


def test_plain_text_is_one_delta_for_each_piece() -> None:
    decoder = DeltaDecoder("text/plain")

    decoded = decode(decoder, [b"a\xc3", b"\xa9", b"c"])

    assert [delta.text for delta in decoded.results] == ["a", "é", "c"]
    assert decoder.ended == "open"


@pytest.mark.parametrize(
    ("data", "ended"),
    [
        (lines(TOKEN, LAST_TOKEN), "done"),
        (b"data: [DONE]\n\n", "done"),
        (lines({"outputs": ["a"]}), "open"),
        (b"hello", "open"),
        (b"", "open"),
    ],
)
def test_the_end_of_an_output_is_known(data: bytes, ended: str) -> None:
    decoder = DeltaDecoder()

    assert decode(decoder, [data]).error is None
    assert decoder.ended == ended


@pytest.mark.parametrize(
    ("data", "content_type", "text"),
    [
        (lines(TOKEN), None, "a"),
        (lines(TOKEN) + b'{"tok', None, "a"),
        (b"", "text/event-stream", ""),
        (b"null", "application/json", ""),
        (b"", "application/jsonlines", ""),
        (b"data: " + lines(TOKEN) + b'\ndata: {"tok', None, "a"),
    ],
)
def test_an_output_without_its_end_mark_is_incomplete(
    data: bytes, content_type: str | None, text: str
) -> None:
    error = raised(data, content_type=content_type)

    assert type(error) is IncompleteOutputError
    assert error.text == text


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"a"}\n', InvalidJSONError),
        (b'{"token":{"text":"\xff"}}\n', InvalidTextError),
        (b'{"error":"m"}\n', ContainerStreamError),
        (b'"' + b"x" * 99, LineTooLongError),
    ],
)
def test_an_error_has_the_text_before_it(data: bytes, error: type[Exception]) -> None:
    decoded = decode_all_splits(
        lambda: DeltaDecoder(max_value_bytes=80), lines(TOKEN) + data
    )
    assert [delta.text for delta in decoded.results] == ["a"]
    assert decoded.error is error

    assert raised(lines(TOKEN) + data, max_value_bytes=80).text == "a"


def test_the_text_of_an_error_is_that_of_the_first_choice() -> None:
    data = lines({"word": "a"}, {"word": "b", "choice": 1}, {"word": "c"})

    assert raised(data, format=Words).text == "ac"


def test_done_does_not_heal_an_error() -> None:
    error = raised(b'data: {"error":{"message":"m"}}\n\ndata: [DONE]\n\n')

    assert type(error) is ContainerStreamError


def test_an_object_with_text_and_an_error_has_both() -> None:
    value = {"word": "a", "error": {"message": "m"}}

    error = raised(lines(value), format=Words)

    assert type(error) is ContainerStreamError
    assert error.text == "a"


def test_deltas_without_any_content_are_left_out() -> None:
    chunk = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}

    assert texts(lines(chunk, {"choices": [{"finish_reason": "stop"}]})) == [""]


def test_answers_may_be_in_arrays() -> None:
    assert texts(b'[[{"generated_text":"a"}]]') == ["a"]
    assert texts(b'data: [{"generated_text":"a"}]\n\n') == ["a"]


def test_a_ping_does_not_show_the_format() -> None:
    ping = b'event: ping\ndata: {"type": "ping"}\n\n'

    assert texts(ping + b"data: " + lines({"outputs": ["a"]})) == ["a"]


def test_the_text_of_an_error_event_is_an_error() -> None:
    error = raised(b"data: " + lines(TOKEN) + b"\nevent: error\ndata: no memory\n\n")

    assert isinstance(error, ContainerStreamError)
    assert ("no memory", "a") == (error.message, error.text)
