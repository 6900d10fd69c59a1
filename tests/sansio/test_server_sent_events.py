from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import (
    InvalidTextError,
    LineTooLongError,
    UnknownFormatError,
)
from sagemaker_rt.sansio.server_sent_events import (
    ServerSentEvent,
    ServerSentEventDecoder,
)
from tests.splits import Decoded, decode, decode_all_splits

Event = ServerSentEvent


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"", []),
        (b"data: a\n\n", [Event(data="a")]),
        (b"data:a\n\n", [Event(data="a")]),
        (b"data:  a \n\n", [Event(data=" a ")]),
        (b"data: a\n\ndata: b\n\n", [Event(data="a"), Event(data="b")]),
        (b"data: a\ndata: b\n\n", [Event(data="a\nb")]),
        (b"data\n\n", [Event(data="")]),
        (b"data\ndata\n\n", [Event(data="\n")]),
        (b"data:\n\n", [Event(data="")]),
        (b"data: a\r\n\r\n", [Event(data="a")]),
        (b"data: a\r\r", [Event(data="a")]),
        (b"event: e\ndata: a\n\ndata: b\n\n", [Event("e", "a"), Event(data="b")]),
        (b"event: e\n\ndata: a\n\n", [Event(data="a")]),
        (b": comment\n\n:\ndata: a\n\n", [Event(data="a")]),
        (
            b"id: 1\ndata: a\n\ndata: b\n\n",
            [Event(data="a", id="1"), Event(data="b", id="1")],
        ),
        (
            b"id: 1\ndata: a\n\nid\ndata: b\n\n",
            [Event(data="a", id="1"), Event(data="b")],
        ),
        (b"id: a\0b\ndata: a\n\n", [Event(data="a")]),
        (
            b"retry: 250\ndata: a\n\ndata: b\n\n",
            [Event(data="a", retry=250), Event(data="b")],
        ),
        (b"retry: 1\n\ndata: a\n\n", [Event(data="a", retry=1)]),
        (b"retry: x\nretry: -1\ndata: a\n\n", [Event(data="a")]),
        ("retry: ٣\ndata: a\n\n".encode(), [Event(data="a")]),
        (b"other: x\nDATA: b\n{x\ndata : c\ndata: a\n\n", [Event(data="a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Event(data="a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\ndata: a\n\n", [Event(data="a")]),
        ("data: é\u2028🚀\x85\n\n".encode(), [Event(data="é\u2028🚀\x85")]),
        (b"data: a\n", [Event(data="a")]),
        (b"data: a", [Event(data="a")]),
        (b"data: a\n\nevent: x\n", [Event(data="a")]),
        (b"\n\n\ndata: a\n\n\n\n", [Event(data="a")]),
    ],
)
def test_events_are_decoded_for_every_split(data: bytes, events: list[Event]) -> None:
    assert Decoded(events) == decode_all_splits(ServerSentEventDecoder, data)


def test_half_a_byte_order_mark_is_invalid() -> None:
    decoded = decode_all_splits(ServerSentEventDecoder, b"\xef\xbb")

    assert decoded == Decoded([], InvalidTextError)


LINE = st.text("ab:\u2028é ", max_size=5)


@given(st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=4), st.integers(0, 50))
def test_what_is_encoded_is_decoded(events: list[list[str]], cut: int) -> None:
    text = "".join(
        "".join(f"data: {line}\n" for line in lines) + "\n" for lines in events
    )
    data = text.encode()

    decoded = decode(ServerSentEventDecoder(), [data[:cut], data[cut:]])

    assert decoded == Decoded([Event(data="\n".join(lines)) for lines in events])


def test_an_event_is_not_delayed_until_the_next_byte() -> None:
    for end in (b"\n\n", b"\r\r", b"\r\n\r\n", b"\r\n\r"):
        events: list[Event] = []

        ServerSentEventDecoder().feed(b"data: a" + end, events)

        assert events == [Event(data="a")], end


@pytest.mark.parametrize("data", [b"data: a\n\ndata: \xff\n\n", b"data: a\n\nid: \xff"])
def test_invalid_utf8_is_an_error_after_the_events_before_it(data: bytes) -> None:
    decoded = decode_all_splits(ServerSentEventDecoder, data)

    assert decoded == Decoded([Event(data="a")], InvalidTextError)


def test_invalid_utf8_can_be_replaced() -> None:
    decoded = decode_all_splits(
        lambda: ServerSentEventDecoder("replace"), b"data: \xff\n\n"
    )

    assert decoded == Decoded([Event(data="\ufffd")])


@pytest.mark.parametrize("data", [b"data: " + b"x" * 20, b"data: xxxx\n" * 3])
def test_the_size_of_an_event_is_limited(data: bytes) -> None:
    def new() -> ServerSentEventDecoder:
        return ServerSentEventDecoder(max_event_bytes=14)

    decoded = decode_all_splits(new, b"data: a\n\n" + data)

    assert decoded == Decoded([Event(data="a")], LineTooLongError)


@pytest.mark.parametrize("data", [b'{"a": 1}\n{"b": 2}\n', b"hello", b"foo: bar\n\n"])
def test_another_format_is_not_a_stream_without_events(data: bytes) -> None:
    decoded = decode_all_splits(ServerSentEventDecoder, data)

    assert Decoded([], UnknownFormatError) == decoded


@pytest.mark.parametrize(
    "data", [b": ping\nhello\n", b"id\nhello\n", b"data: a\n\nhello\n", b"\n\n"]
)
def test_unknown_fields_are_ignored_in_a_stream_of_events(data: bytes) -> None:
    assert decode_all_splits(ServerSentEventDecoder, data).error is None
