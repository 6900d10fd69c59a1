"""One connection, against a server in memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from hyperframe.frame import GoAwayFrame

from sagemaker_rt.errors import (
    ClientStateError,
    ConnectionLostError,
    DeserializationError,
    RequestTimeoutError,
    StreamRefusedError,
    TruncatedBodyError,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.sansio.stream_deadlines import StreamDeadlines, StreamLimits
from sagemaker_rt.transport.http2_connection import Http2Connection


class Wire:
    """A transport that passes bytes to a server in memory."""

    def __init__(self) -> None:
        self.server = H2Connection(H2Configuration(client_side=False))
        self.server.initiate_connection()
        self.events: list[Any] = []
        self.is_closed = self.is_aborted = False
        self.buffered = 0

    def write(self, data: bytes) -> None:
        self.events.extend(self.server.receive_data(data))

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_aborted = True


class Rig:
    """A connection that has sent its headers, and its wire."""

    def __init__(self, **limits: float) -> None:
        self.wire = Wire()
        self.connection = Http2Connection(host="a.example")
        self.connection.connection_made(self.wire)
        request = Request(endpoint=Endpoint("https://a.example"))
        now = asyncio.get_running_loop().time()
        deadlines = StreamDeadlines(StreamLimits(**limits), None, now)
        self.connection.start(request, deadlines)

    def receive(self) -> None:
        self.connection.data_received(self.wire.server.data_to_send())

    def respond(self, *, end: bool = False) -> None:
        self.wire.server.send_headers(1, [(":status", "200")], end_stream=end)
        self.receive()


async def test_content_is_sent_and_received() -> None:
    rig = Rig()
    rig.respond()
    rig.connection.write(b"abc")
    rig.wire.server.send_data(1, b"one")
    rig.receive()

    response = await rig.connection.response()
    await asyncio.sleep(0)
    assert 200 == response.status
    assert b"one" == await rig.connection.receive()
    assert b"abc" == rig.wire.events[-1].data


async def test_both_ends_close_the_connection_cleanly() -> None:
    rig = Rig()
    rig.respond(end=True)
    rig.connection.end()
    rig.connection.close()

    assert await rig.connection.receive() is None
    assert b"" == rig.connection.take_rest()
    assert rig.wire.is_aborted  # the request was not ended


async def test_a_finished_stream_is_closed_and_not_aborted() -> None:
    rig = Rig()
    rig.connection.end()
    rig.respond(end=True)
    rig.connection.close()

    assert (True, False) == (rig.wire.is_closed, rig.wire.is_aborted)
    with pytest.raises(ClientStateError):
        rig.connection.write(b"x")


async def test_a_full_queue_has_no_room_until_the_window_opens() -> None:
    rig = Rig()
    rig.respond()
    rig.connection.write(bytes(200_000))

    assert not rig.connection.has_room
    waiting = asyncio.create_task(rig.connection.wait_for_room())
    draining = asyncio.create_task(rig.connection.drain())
    await asyncio.sleep(0)
    rig.wire.server.increment_flow_control_window(1 << 20)
    rig.wire.server.increment_flow_control_window(1 << 20, 1)
    rig.receive()
    await asyncio.wait_for(asyncio.gather(waiting, draining), 30)

    assert rig.connection.has_room


async def test_a_transport_that_is_full_stops_sending() -> None:
    rig = Rig()
    rig.respond()
    rig.connection.pause_writing()
    count = len(rig.wire.events)
    rig.connection.write(b"x")

    assert count == len(rig.wire.events)
    assert not rig.connection.has_room
    rig.connection.resume_writing()
    await asyncio.sleep(0)
    assert b"x" == rig.wire.events[-1].data


@pytest.mark.parametrize("is_refused", [True, False])
async def test_a_reset_before_the_headers(*, is_refused: bool) -> None:
    rig = Rig()
    code = ErrorCodes.REFUSED_STREAM if is_refused else ErrorCodes.PROTOCOL_ERROR
    rig.wire.server.reset_stream(1, code)
    rig.receive()

    with pytest.raises(StreamRefusedError if is_refused else ConnectionLostError):
        await rig.connection.response()


async def test_a_reset_after_the_end_is_no_error() -> None:
    rig = Rig()
    rig.respond(end=True)
    rig.wire.server.reset_stream(1, ErrorCodes.NO_ERROR)
    rig.receive()

    assert await rig.connection.receive() is None
    await rig.connection.wait_for_room()
    await rig.connection.drain()


@pytest.mark.parametrize(
    ("last", "kind"), [(0, StreamRefusedError), (1, ConnectionLostError)]
)
async def test_goaway_then_the_end_of_the_connection(
    last: int, kind: type[Exception]
) -> None:
    rig = Rig()
    rig.connection.data_received(GoAwayFrame(last_stream_id=last).serialize())
    rig.connection.connection_lost(None)

    with pytest.raises(kind, match="GOAWAY NO_ERROR"):
        await rig.connection.response()


async def test_a_lost_connection_wakes_a_reader() -> None:
    rig = Rig()
    rig.respond()
    reading = asyncio.create_task(rig.connection.receive())
    await asyncio.sleep(0)
    rig.connection.connection_lost(OSError("gone"))

    with pytest.raises(TruncatedBodyError, match="gone"):
        await reading
    with pytest.raises(TruncatedBodyError):
        await rig.connection.wait_for_room()
    assert rig.connection.lost.done()


async def test_what_was_received_before_a_loss_is_delivered() -> None:
    rig = Rig()
    rig.respond()
    rig.wire.server.send_data(1, b"one")
    rig.receive()
    rig.connection.connection_lost(None)

    assert b"one" == await rig.connection.receive()
    with pytest.raises(TruncatedBodyError):
        await rig.connection.receive()


async def test_invalid_frames_are_a_typed_error() -> None:
    rig = Rig()
    rig.connection.data_received(b"\xff" * 20)
    rig.connection.data_received(b"more")

    with pytest.raises(DeserializationError):
        await rig.connection.response()
    assert rig.wire.is_aborted


async def test_a_limit_ends_the_stream() -> None:
    rig = Rig(response=0.01)

    with pytest.raises(RequestTimeoutError, match="read_timeout"):
        await asyncio.wait_for(rig.connection.response(), 30)


async def test_a_ping_is_sent_when_nothing_is_received() -> None:
    rig = Rig(ping_interval=0.01)
    await asyncio.sleep(0.05)

    assert "PingReceived" in {type(event).__name__ for event in rig.wire.events}
    rig.connection.close()


async def test_a_connection_that_was_lost_before_cannot_start() -> None:
    connection = Http2Connection(host="a.example")
    connection.connection_made(Wire())
    connection.connection_lost(None)

    with pytest.raises(ConnectionLostError):
        connection.start(
            Request(endpoint=Endpoint("https://a.example")),
            StreamDeadlines(StreamLimits(), None, 0),
        )


async def test_events_of_one_turn_are_written_together() -> None:
    rig = Rig()
    rig.respond()
    count = len(rig.wire.events)
    for _ in range(3):
        rig.connection.write(b"x")
    assert count == len(rig.wire.events)
    await asyncio.sleep(0)
    assert count + 3 == len(rig.wire.events)
    rig.connection.write(bytes(20_000))  # too much to wait

    assert count + 3 < len(rig.wire.events)
