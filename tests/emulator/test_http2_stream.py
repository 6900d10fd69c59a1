"""One stream of a connection."""

from __future__ import annotations

import asyncio

import pytest

from sagemaker_rt.emulator.http2_stream import Http2Stream, StreamLost
from tests.emulator.stream_connections import Recorded


async def test_bytes_are_received_and_their_credit_returned() -> None:
    connection = Recorded()
    stream = Http2Stream(connection, 1, {})
    receiving = asyncio.create_task(stream.receive())
    await asyncio.sleep(0)
    stream.feed(b"ab", 40_000)

    assert b"ab" == await receiving
    stream.reads_input = False
    stream.feed(b"cd", 2)
    assert b"cd" == await stream.receive()
    stream.feed_end()
    assert await stream.receive() is None
    assert [("credit", 40_000)] == connection.calls


async def test_sending_waits_for_the_window() -> None:
    connection = Recorded(window=2)
    stream = Http2Stream(connection, 1, {})
    stream.respond([])
    sending = asyncio.create_task(stream.send(b"abcd"))
    await asyncio.sleep(0)
    assert b"ab" == connection.data
    connection.window = 10
    stream.wake()
    await sending
    stream.end()

    assert b"abcd" == connection.data
    assert [("headers", False), "end"] == connection.calls


async def test_a_lost_stream_ends_what_waits() -> None:
    stream = Http2Stream(Recorded(window=0), 1, {})
    tasks = [
        asyncio.create_task(stream.receive()),
        asyncio.create_task(stream.send(b"x")),
    ]
    await asyncio.sleep(0)
    stream.lose()
    stream.end()

    for task in tasks:
        with pytest.raises(StreamLost):
            await task
    with pytest.raises(StreamLost):
        stream.respond([])
