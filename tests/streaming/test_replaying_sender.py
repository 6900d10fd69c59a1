"""Sending across connections, through a `ReconnectingStream`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    ParamValidationError,
    ReplayBufferFullError,
    TruncatedStreamError,
)
from sagemaker_rt.shapes import RequestPayloadPart, ResponsePayloadPart
from sagemaker_rt.streaming.reconnecting_stream import Reconnected
from tests.streaming.duplex_doubles import contents
from tests.streaming.reconnecting_doubles import Connections, run_all

SIZE = 10_000


async def test_events_are_sent_again_before_the_next_one() -> None:
    connections = Connections()
    async with connections.stream(replay_bytes=SIZE) as stream:
        for text in ("1", "2", "3"):
            await stream.send_text(text)
        stream.acknowledge(1)
        connections.lose()
        await asyncio.gather(stream.send_text("4"), stream.send_text("5"))

        assert [b"2", b"3", b"4", b"5"] == contents(connections.opened[1])
        assert 5 == stream.events_sent


async def test_a_replay_that_is_cut_starts_again() -> None:
    connections = Connections()
    async with connections.stream(replay_bytes=SIZE) as stream:
        for text in ("1", "2"):
            await stream.send_text(text)
        connections.has_room = False
        connections.lose()
        sending = asyncio.create_task(stream.send_text("3"))
        await run_all()
        assert [] == contents(connections.opened[1])
        connections.has_room = True
        connections.lose()
        await sending

        assert [b"1", b"2", b"3"] == contents(connections.opened[2])
        assert (2, 3) == (stream.reconnects, stream.events_sent)


async def test_a_message_is_sent_again_from_its_start() -> None:
    connections = Connections()
    async with connections.stream(replay_bytes=SIZE) as stream:
        await stream.send_text("a", is_partial=True)
        await stream.send_text("b", is_partial=True)
        stream.acknowledge(2)
        connections.lose()
        await stream.send_text("c")

        assert [b"a", b"b", b"c"] == contents(connections.opened[1])


async def test_a_full_buffer_refuses_an_event_before_it_is_sent() -> None:
    connections = Connections()
    async with connections.stream(replay_bytes=600) as stream:
        await stream.send_text("1")
        await stream.send_text("2")
        with pytest.raises(ReplayBufferFullError):
            await stream.send_text("3")
        stream.acknowledge(2)
        await stream.send_text("4")

        assert [b"1", b"2", b"4"] == contents(connections.opened[0])


async def test_a_buffer_may_be_changed_after_it_was_sent() -> None:
    connections, data = Connections(), bytearray(b"x")
    part: Any = data
    async with connections.stream(replay_bytes=SIZE) as stream:
        await stream.send_bytes(part)
        data[:] = b"y"
        connections.lose()
        await stream.send(RequestPayloadPart())

        assert [b"x", b""] == contents(connections.opened[1])


async def test_an_invalid_event_does_not_affect_the_connection() -> None:
    connections = Connections()
    async with connections.stream() as stream:
        with pytest.raises(ParamValidationError):
            await stream.send(RequestPayloadPart(b"x", data_type="TEXT"))
        with pytest.raises(ParamValidationError):
            await stream.send_bytes(5)  # type: ignore[arg-type] # the case
        await stream.send_text("ok")

        assert (0, 1) == (stream.reconnects, stream.events_sent)


async def test_an_event_that_waits_for_room_goes_to_the_next_connection() -> None:
    connections = Connections()
    async with connections.stream(reconnect_after=0.01) as stream:
        connections.opened[0].has_room = False
        await stream.send_text("1")

        assert [b"1"] == contents(connections.opened[1])


@pytest.mark.parametrize("is_read", [True, False])
async def test_the_reason_of_an_end_is_read_before_it_is_judged(
    *, is_read: bool
) -> None:
    """The service has ended the stream inside an event, which no task has read yet."""
    connections = Connections()
    async with connections.stream() as stream:
        first = connections.opened[0]
        if is_read:
            reading = asyncio.create_task(anext(stream))
            await run_all()
        first.receive("1")
        first.fail(TruncatedStreamError("cut"))
        first.is_ended = True
        await stream.send_text("x")
        event = await reading if is_read else await anext(stream)

        assert isinstance(event, ResponsePayloadPart)
        assert isinstance(await anext(stream), Reconnected)
        assert [b"x"] == contents(connections.opened[1])


async def test_nothing_is_sent_after_the_end() -> None:
    connections = Connections()
    async with connections.stream() as stream:
        connections.opened[0].is_ended = True
        with pytest.raises(ClientStateError, match="ended"):
            await stream.send_text("x")

        assert 0 == stream.reconnects


async def test_a_cancelled_send_is_sent_once_or_not_at_all() -> None:
    for steps in range(12):
        connections = Connections()
        async with connections.stream(replay_bytes=SIZE) as stream:
            connections.lose()
            sending = asyncio.create_task(stream.send_text("1"))
            for _ in range(steps):
                await asyncio.sleep(0)
            sending.cancel()
            await asyncio.wait([sending])
            await stream.send_text("2")
            await run_all()

            sent = contents(connections.opened[-1])
            assert sent in ([b"2"], [b"1", b"2"])
            assert len(sent) == stream.events_sent
            assert 2 == len(connections.opened)


async def test_the_input_of_the_last_connection_is_closed() -> None:
    connections = Connections()
    async with connections.stream(replay_bytes=SIZE) as stream:
        await stream.send_text("1")
        await stream.close_input()

        assert connections.opened[0].has_end
        with pytest.raises(ClientStateError):
            await stream.send_text("2")
