from __future__ import annotations

from collections.abc import MutableSequence
from typing import Any

import pytest

from sagemaker_rt.errors import (
    IncompleteOutputError,
    InvalidJSONError,
    InvalidTextError,
    LineTooLongError,
)
from sagemaker_rt.sansio.framed_values import (
    FramedValue,
    FramedValueDecoder,
    JSONDecoder,
)
from tests.splits import Decoded, decode, decode_all_splits

EVENTS = b'data: {"a":1}\n\nevent: e\ndata: {"b":2}\n\n'
LINES = b'{"a":1}\n{"b":2}\n'


def values_of(data: bytes, content_type: str | None = None) -> list[Any]:
    decoded = decode_all_splits(lambda: _Joined(content_type), data)
    assert decoded.error is None
    return decoded.results


class _Joined(FramedValueDecoder):
    """Joins pieces of text, which depend on how the input is split."""

    def close(self, values: MutableSequence[FramedValue]) -> None:
        super().close(values)
        if self.framing == "text":
            values[:] = [FramedValue("".join(text for text, _ in values), "message")]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/event-stream",
        "Text/Event-Stream; charset=utf-8",
        None,
        "",
        "application/json",
    ],
)
def test_events_are_recognized(content_type: str | None) -> None:
    assert values_of(EVENTS, content_type) == [({"a": 1}, "message"), ({"b": 2}, "e")]


@pytest.mark.parametrize(
    "content_type", [None, "application/jsonlines", "application/octet-stream", "x"]
)
def test_json_values_are_recognized(content_type: str | None) -> None:
    assert values_of(LINES, content_type) == [
        ({"a": 1}, "message"),
        ({"b": 2}, "message"),
    ]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (LINES, "text/plain"),
        (EVENTS, "text/plain; charset=utf-8"),
        (b"hello", None),
        (b"\n data", None),
        (b"dat", "application/json"),
        (b"nonsense", "application/json"),
        (b"identity: x", None),
        (b"3", None),
    ],
)
def test_text_is_recognized(data: bytes, content_type: str | None) -> None:
    if data == b"dat":  # which the end of the output decides
        decoded = decode_all_splits(lambda: FramedValueDecoder(content_type), data)
        assert decoded == Decoded([], InvalidJSONError)
    else:
        assert values_of(data, content_type) == [(data.decode(), "message")]


def test_a_plain_text_type_can_be_taken_for_wrong() -> None:
    decoder = FramedValueDecoder("text/plain", may_be_text=False)

    assert decode(decoder, [LINES]).results == values_of(LINES)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b'null\n{"a":1}\n', [None, {"a": 1}]),
        (b'-1 "x" true {}', [-1, "x", True, {}]),
        (b'[{"a":1},{"b":2}]', [{"a": 1}, {"b": 2}]),
    ],
)
def test_a_json_type_may_begin_with_any_value(data: bytes, values: list[Any]) -> None:
    found = values_of(data, "application/jsonlines")

    assert found == [(value, "message") for value in values]


@pytest.mark.parametrize(
    "start",
    [b":", b": ping\n\n", b"id: 1\n", b"retry: 5\n", b"event: message\n", b"\n"],
)
def test_an_event_stream_may_begin_with_any_field(start: bytes) -> None:
    assert values_of(start + b"\ndata: 1\n\n") == [(1, "message")]


@pytest.mark.parametrize("data", [EVENTS, LINES])
def test_a_byte_order_mark_is_removed(data: bytes) -> None:
    assert values_of(b"\xef\xbb\xbf" + data) == values_of(data)
    assert values_of(b"\xef\xbb\xbf" + b"hi") == [("hi", "message")]


@pytest.mark.parametrize("data", [b"", b"  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("content_type", [None, "application/json"])
def test_an_output_without_content_has_no_framing(
    data: bytes, content_type: str | None
) -> None:
    decoder = FramedValueDecoder(content_type)

    assert decode(decoder, [data]) == Decoded([])
    assert decoder.framing is None


@pytest.mark.parametrize("done", [b"[DONE]", b" [DONE] "])
def test_done_ends_the_values(done: bytes) -> None:
    decoder = FramedValueDecoder("text/event-stream")

    decoded = decode(decoder, [EVENTS, b"data:" + done + b"\n\n", b"data: {\n\n"])

    assert decoded == Decoded([({"a": 1}, "message"), ({"b": 2}, "e")])
    assert decoder.is_done


@pytest.mark.parametrize("rest", [b"data: \xff\n\n", b"data: {\n\n", b'{"a', b"[x"])
def test_what_follows_done_is_ignored_in_any_chunk(rest: bytes) -> None:
    decoded = decode_all_splits(
        FramedValueDecoder, b"data: 1\n\ndata: [DONE]\n\n" + rest
    )

    assert decoded == Decoded([(1, "message")])


def test_errors_outside_of_fields_are_values() -> None:
    data = b'data: 1\n\n{"code":400}\nother: 2\nerror: {"code":500}\n\n'

    assert values_of(data) == [
        (1, "message"),
        ({"code": 400}, "message"),
        ({"code": 500}, "error"),
    ]


@pytest.mark.parametrize(
    "appended",
    [b'{"code":400}', b'{\n  "code": 400\n}', b'{\r\n"code":\r\n\r\n400}\n\n', b"\n{}"],
)
def test_an_object_after_the_events_is_a_value(appended: bytes) -> None:
    (first, second) = values_of(b"data: 1\n\n" + appended)

    assert (1, "message") == first
    assert second[0] in ({"code": 400}, {})


@pytest.mark.parametrize("done", [b"[DONE]", b"[DONE]\n"])
def test_done_need_not_be_in_a_field(done: bytes) -> None:
    decoder = FramedValueDecoder()

    assert decode(decoder, [b"data: 1\n\n", done]) == Decoded([(1, "message")])
    assert decoder.is_done


def test_a_document_may_have_the_type_of_events() -> None:
    for data in (b'[{"a":1}]', b'[\n {"a": 1}\n]\n'):
        assert values_of(data, "text/event-stream") == [([{"a": 1}], "message")]


def test_the_data_of_an_error_event_may_be_text() -> None:
    data = b"data: 1\n\nevent: error\ndata: no memory\n\n"

    def new() -> FramedValueDecoder:
        return FramedValueDecoder(has_error_text=True)

    decoded = decode_all_splits(new, data)

    assert decoded == Decoded([(1, "message"), ("no memory", "error")])
    assert decode_all_splits(FramedValueDecoder, data).error is InvalidJSONError


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (b'data: {"a"', IncompleteOutputError),
        (b'data: {"a"\n', IncompleteOutputError),
        (b'data: "\xf0\x9f', IncompleteOutputError),
        (b"data: [DON", IncompleteOutputError),
        (b'{"code":', IncompleteOutputError),
        (b'data: "\xff', InvalidTextError),
        (b'{"co\nde":1}', InvalidJSONError),
        (b"data", None),
        (b"data: ", None),
        (b"event: x", None),
    ],
)
def test_an_output_that_ends_inside_an_event_is_incomplete(
    end: bytes, error: Any
) -> None:
    decoded = decode_all_splits(FramedValueDecoder, EVENTS + end)

    assert decoded == Decoded([({"a": 1}, "message"), ({"b": 2}, "e")], error)


def test_a_complete_event_at_the_end_is_a_value() -> None:
    assert values_of(b"data: 1\n\ndata: 2") == [(1, "message"), (2, "message")]
    assert values_of(b"data: 1\n\ndata: [DONE]") == [(1, "message")]


def test_values_may_be_a_json_sequence() -> None:
    assert values_of(b"\x1e{}\n\x1e{}\n") == [({}, "message"), ({}, "message")]


def test_an_output_that_begins_with_much_white_space_is_text() -> None:
    decoder = FramedValueDecoder()

    decoded = decode(decoder, [b" " * 40_000, b" " * 40_000, b"{}"])

    assert "".join(text for text, _ in decoded.results) == " " * 80_000 + "{}"


def test_an_event_without_data_has_no_value() -> None:
    assert values_of(b"data:\n\ndata: 1\n\n") == [(1, "message")]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (EVENTS + b"data: {\n\n", InvalidJSONError),
        (EVENTS + b"data: \xff\n\n", InvalidTextError),
        (EVENTS + b"data: " + b"x" * 99, LineTooLongError),
    ],
)
def test_an_invalid_event_is_an_error_after_the_values_before_it(
    data: bytes, error: Any
) -> None:
    decoded = decode_all_splits(lambda: FramedValueDecoder(max_value_bytes=50), data)

    assert decoded == Decoded([({"a": 1}, "message"), ({"b": 2}, "e")], error)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"a":1}{"b', IncompleteOutputError),
        (b'{"a":1}x ', InvalidJSONError),
        (b'{"a":1}"\xff"', InvalidTextError),
    ],
)
def test_an_invalid_value_is_an_error_after_the_values_before_it(
    data: bytes, error: Any
) -> None:
    decoded = decode_all_splits(FramedValueDecoder, data)

    assert decoded == Decoded([({"a": 1}, "message")], error)


def test_text_that_is_not_utf8_is_an_error_after_the_text_before_it() -> None:
    decoded = decode(FramedValueDecoder("text/plain"), [b"ab\xff"])

    assert decoded == Decoded([("ab", "message")], InvalidTextError)


@pytest.mark.parametrize(
    ("data", "values", "error"),
    [
        (EVENTS, [{"a": 1}, {"b": 2}], None),
        (LINES, [{"a": 1}, {"b": 2}], None),
        (b"[1, 2]", [1, 2], None),
        (b"data: [DONE]\n\n", [], None),
        (b"12", [12], None),
        (b"hello", [], InvalidJSONError),
        (b"1 x 2", [1], InvalidJSONError),
        (b'{"a":1}{"b', [{"a": 1}], IncompleteOutputError),
    ],
)
@pytest.mark.parametrize("content_type", [None, "text/plain"])
def test_json_values_are_decoded_without_their_framing(
    content_type: str | None, data: bytes, values: list[Any], error: Any
) -> None:
    decoded = decode_all_splits(lambda: JSONDecoder(content_type), data)

    assert decoded == Decoded(values, error)


@pytest.mark.parametrize(
    ("content_type", "values"),
    [
        ("application/json", [[1], [2], 3]),
        (None, [[1], [2], 3]),
        ("application/jsonlines", [[[1], [2]], [3]]),
        ("application/x-ndjson; charset=utf-8", [[[1], [2]], [3]]),
    ],
)
def test_an_array_is_a_value_if_each_line_is_one(
    content_type: str | None, values: list[Any]
) -> None:
    data = b"[[1],[2]]\n[3]\n"

    assert decode_all_splits(lambda: JSONDecoder(content_type), data) == Decoded(values)
