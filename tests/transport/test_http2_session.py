"""The state of one HTTP/2 stream, against a server of the same library in memory."""

from __future__ import annotations

import logging
from typing import Final

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from hyperframe.frame import GoAwayFrame, HeadersFrame
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.errors import DeserializationError
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.sansio.http2_frames import GoAway
from sagemaker_rt.transport.http2_session import (
    WINDOW,
    Content,
    Ended,
    Http2Session,
    Reset,
    ResponseHead,
    SessionEvent,
    code_name,
)

OK: Final = [(":status", "200"), ("x-a", "1"), ("x-a", "2")]


def request() -> Request:
    return Request(
        path="/p",
        query="a=b",
        headers=Headers(
            {"authorization": "shh", "host": "h.example", "expect": "100-continue"}
        ),
        endpoint=Endpoint("https://a.example:8443/prefix"),
    )


class Pair:
    """A session, and the server that it talks to."""

    def __init__(self) -> None:
        self.session = Http2Session()
        self.server = H2Connection(
            H2Configuration(client_side=False, header_encoding="utf-8")
        )
        self.server.initiate_connection()
        self.session.start(request())
        self.requested = self.to_server()

    def to_server(self) -> list[object]:
        return list(self.server.receive_data(self.session.data_to_send()))

    def to_client(self) -> list[SessionEvent]:
        return self.session.receive(self.server.data_to_send(), now=0)


def test_the_headers_of_a_request_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    Pair()

    assert not [record for record in caplog.records if "hpack" in record.name]


def test_a_request_is_sent_as_http_2() -> None:
    (received,) = [e for e in Pair().requested if isinstance(e, RequestReceived)]

    assert [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "h.example"),
        (":path", "/prefix/p?a=b"),
        ("authorization", "shh"),
    ] == [(str(name), str(value)) for name, value in received.headers]


def test_a_response_is_received() -> None:
    pair = Pair()
    pair.server.send_headers(1, OK)
    pair.server.send_data(1, b"content", pad_length=4)
    pair.server.end_stream(1)

    assert [
        ResponseHead(200, Headers({"x-a": "1, 2"})),
        Content(b"content", 12),
        Content(b"", 0),
        Ended(),
    ] == pair.to_client()


def test_content_and_its_end_are_sent() -> None:
    pair = Pair()
    pair.to_client()
    pair.session.send(b"x")
    pair.session.send(b"", end=True)

    kinds = [type(event) for event in pair.to_server()]
    assert [DataReceived, DataReceived, StreamEnded] == kinds[-3:]


def test_a_reset_is_received() -> None:
    pair = Pair()
    pair.server.reset_stream(1, ErrorCodes.REFUSED_STREAM)

    assert [Reset(7)] == pair.to_client()


def test_the_stream_goes_on_after_goaway() -> None:
    pair = Pair()
    pair.server.send_headers(1, OK)
    pair.to_client()
    frame = GoAwayFrame(last_stream_id=1, error_code=0).serialize()
    pair.server.send_data(1, b"more", end_stream=True)

    events = pair.session.receive(frame, now=0) + pair.to_client()

    assert [GoAway(1, 0), Content(b"more", 4), Ended()] == events


def test_credit_is_returned_when_half_a_window_was_read() -> None:
    pair = Pair()
    pair.server.send_headers(1, OK)
    pair.to_client()
    pair.to_server()
    before = pair.server.local_flow_control_window(1)
    pair.server.send_data(1, bytes(10_000))
    pair.to_client()

    pair.session.return_credit(WINDOW // 2 - 1)
    assert b"" == pair.session.data_to_send()
    pair.session.return_credit(1)
    pair.to_server()

    assert before - 10_000 + WINDOW // 2 == pair.server.local_flow_control_window(1)


def test_a_ping_and_a_reset_are_sent() -> None:
    pair = Pair()
    pair.to_client()
    pair.session.ping()
    pair.session.reset()
    pair.session.reset()
    pair.session.go_away()

    assert StreamReset in {type(event) for event in pair.to_server()}


@pytest.mark.parametrize("status", ["99", "abc", "700"])
def test_an_impossible_status_is_an_error(status: str) -> None:
    pair = Pair()
    block = pair.server.encoder.encode([(":status", status)])
    frame = HeadersFrame(1, data=block, flags=["END_HEADERS"]).serialize()
    pair.session.receive(pair.server.data_to_send(), now=0)

    with pytest.raises(DeserializationError):
        pair.session.receive(frame, now=0)


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_events_or_a_typed_error(chunks: list[bytes]) -> None:
    pair = Pair()
    pair.to_client()

    for chunk in chunks:
        head = len(chunk).to_bytes(3) + bytes([len(chunk) % 11, 4]) + (1).to_bytes(4)
        try:
            pair.session.receive(head + chunk, now=0)
        except DeserializationError:
            return


def test_error_codes_have_names() -> None:
    assert ("CANCEL", "999") == (code_name(8), code_name(999))
