"""Reading across connections; the stories test it over sockets."""

from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    IncompleteOutputError,
    InvalidTextError,
    ParamValidationError,
    TruncatedBodyError,
)
from sagemaker_rt.sansio.bidirectional_events import encode_event
from sagemaker_rt.streaming.reconnecting_stream import Reconnected, ReconnectingStream
from tests.streaming.duplex_doubles import Connection, stream_on
from tests.streaming.reconnecting_doubles import Connections


async def test_the_events_of_a_message_that_was_cut_are_discarded() -> None:
    connections = Connections()
    async with connections.stream() as stream:
        connections.opened[0].receive("lost ", state="PARTIAL")
        connections.lose()
        messages = stream.messages()
        change = await anext(messages)
        connections.opened[1].receive("whole")

        assert isinstance(change, Reconnected)
        assert (True, False, 0) == (
            change.received_message_cut,
            change.sent_message_cut,
            change.replayed,
        )
        assert isinstance(change.error, TruncatedBodyError)
        assert "whole" == await anext(messages)


async def test_a_sender_that_reconnects_first_takes_no_event_from_the_reader() -> None:
    connections = Connections()
    async with connections.stream(replay_bytes=1000) as stream:
        connections.opened[0].receive("1", "2")
        connections.lose()
        await stream.send_text("x")
        connections.opened[1].receive("3")
        messages = stream.messages()

        heard = [await anext(messages) for _ in range(4)]

    assert ["1", "2", "3"] == [text for text in heard if isinstance(text, str)]
    assert isinstance(heard[2], Reconnected)


async def test_a_second_reader_is_refused() -> None:
    connections = Connections()
    async with connections.stream() as stream:
        reading = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        with pytest.raises(ClientStateError, match="another task"):
            await anext(stream)
        connections.opened[0].receive("1")
        await reading


async def test_a_cancelled_read_loses_nothing() -> None:
    for steps in range(12):
        connections = Connections()
        async with connections.stream() as stream:
            connections.opened[0].receive("1")
            connections.lose()
            heard: list[object] = []

            async def read(
                stream: ReconnectingStream = stream,
                heard: list[object] = heard,
            ) -> None:
                while True:
                    heard.append(await anext(stream))

            reading = asyncio.create_task(read())
            for _ in range(steps):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.wait([reading])
            while len(heard) < 2:
                heard.append(await anext(stream))

            assert ["ResponsePayloadPart", "Reconnected"] == [
                type(event).__name__ for event in heard
            ]


async def test_text_that_is_invalid_ends_the_stream() -> None:
    async def connect() -> object:
        return stream_on(Connection(encode_event(b"\xff", data_type="UTF8")))

    async with ReconnectingStream(connect) as stream:  # type: ignore[arg-type] # a stream
        with pytest.raises(InvalidTextError):
            await anext(stream.messages())
        with pytest.raises(InvalidTextError):
            await stream.send_text("x")


async def test_the_end_by_the_service_is_the_end() -> None:
    async def connect() -> object:
        partial = encode_event(b"x", completion_state="PARTIAL")
        return stream_on(Connection(partial))

    async with ReconnectingStream(connect, reconnect_after=0.01) as stream:  # type: ignore[arg-type] # a stream
        with pytest.raises(IncompleteOutputError):
            await anext(stream.messages())
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        await asyncio.sleep(0.02)

        assert 0 == stream.reconnects
        assert "0 events sent, 0 reconnects" in repr(stream)


def test_invalid_arguments_are_refused() -> None:
    with pytest.raises(ParamValidationError, match="connect must be"):
        ReconnectingStream("m")  # type: ignore[arg-type] # the case
