from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tests.splits import Decoded, decode, decode_all_splits


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


PIECES = st.sampled_from(
    [
        *(b"data: ", b"data:", b"event: error\n", b"id: a\0\n", b": c\n", b"error: x"),
        *(b"\n", b"\r", b"\r\n", b"\n\n", b" ", b"\x1e", b"\xef\xbb\xbf", b"[DONE]"),
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b"\\",
            b",",
            b":",
            b"1",
            b"null",
            b"tr",
            b"text",
        ),
        *(b"\xff", b"\xf0\x9f\x9a\x80", b"\xe2\x80\xa8", b'{"code":1,\n"message":"m"}'),
        *(b'{"token":{"text":"a"}}', b'{"outputs":["a"]}', b'{"error":"m"}'),
        b'{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}',
    ]
)
TYPES = ["text/event-stream", "application/json", "application/jsonlines", None]


def outcome(decoder: DeltaDecoder, chunks: list[bytes]) -> tuple[object, ...]:
    deltas: list[TextDelta] = []
    try:
        for one in chunks:
            decoder.feed(one, deltas)
        decoder.close(deltas)
    except OutputDecodingError as error:
        return type(error), error.text, len(deltas)
    texts = [delta.text for delta in deltas]
    return decoder.ended, "".join(texts), decoder.usage


@given(
    st.lists(PIECES, max_size=12),
    st.lists(st.integers(0, 200), max_size=4),
    st.sampled_from(TYPES),
    st.sampled_from([12, 1_000_000]),
)
def test_any_output_is_read_the_same_for_every_split(
    pieces: list[bytes], cuts: list[int], content_type: str | None, limit: int
) -> None:
    data, ends = b"".join(pieces), sorted(cuts)

    def new() -> DeltaDecoder:
        return DeltaDecoder(content_type, max_value_bytes=limit)

    if new_framing(new(), data) == "text":
        return  # its pieces depend on the split
    whole = outcome(new(), [data])

    chunks = [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]
    assert whole == outcome(new(), chunks)
    assert whole == outcome(new(), [bytes([byte]) for byte in data])


def new_framing(decoder: DeltaDecoder, data: bytes) -> str | None:
    outcome(decoder, [data])
    return decoder._values.framing


def test_what_follows_the_end_mark_is_ignored_in_any_chunk() -> None:
    data = b"data: [DONE]\n\ndata: \xff\n\n"

    decoded = decode_all_splits(DeltaDecoder, data)

    assert decoded == Decoded([])


class Broken(DeltaFormat):
    """A format whose methods raise what *where* selects."""

    name = "broken"
    where: ClassVar[str] = "read"

    @classmethod
    def recognizes(cls, value: Mapping[str, Any]) -> bool:
        if cls.where == "recognizes":
            raise KeyError(value)
        return True

    def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
        yield TextDelta("a")
        if self.where == "delta":
            yield None  # type: ignore[misc] # which is the defect
        raise KeyError(value)


@pytest.mark.parametrize("where", ["recognizes", "read", "delta"])
def test_an_exception_of_a_custom_format_is_an_error_of_the_output(where: str) -> None:
    class Format(Broken):
        pass

    Format.where = where
    deltas: list[TextDelta] = []

    with pytest.raises(OutputDecodingError, match="Format raised") as caught:
        DeltaDecoder(formats=[Format]).feed(b"{}", deltas)

    texts = [] if where == "recognizes" else ["a"]
    assert (texts, "".join(texts)) == ([d.text for d in deltas], caught.value.text)


def test_a_custom_format_may_raise_an_error_of_the_container() -> None:
    class Format(Broken):
        def read(self, value: Mapping[str, Any]) -> Iterator[TextDelta]:
            yield TextDelta("a")
            raise ContainerStreamError(str(value))

    with pytest.raises(ContainerStreamError) as caught:
        DeltaDecoder(formats=[Format]).feed(b"{}", [])

    assert "a" == caught.value.text
