"""When a connection is replaced, through a `ReconnectingStream`."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import ref

import pytest

from sagemaker_rt.errors import (
    ClientStateError,
    ConnectError,
    CredentialsError,
    InternalStreamFailure,
    SageMakerRuntimeError,
    TruncatedBodyError,
)
from sagemaker_rt.streaming.reconnecting_stream import Reconnected
from tests.streaming.reconnecting_doubles import Connections, run_all

SOON = 0.01


async def replaced(connections: Connections) -> None:
    """Wait until there is a second connection."""
    async with asyncio.timeout(30):
        while len(connections.opened) < 2:  # noqa: ASYNC110 - opened by a timer
            await asyncio.sleep(0)


async def test_the_earlier_connection_is_closed_when_the_next_is_open() -> None:
    connections = Connections()
    async with connections.stream(reconnect_after=SOON) as stream:
        connections.gate.clear()
        reading = asyncio.create_task(anext(stream))
        await asyncio.sleep(2 * SOON)
        was_closed = connections.opened[0].is_closed
        connections.gate.set()

        assert Reconnected() == await reading
        assert (False, True) == (was_closed, connections.opened[0].is_closed)


async def test_what_was_received_is_read_before_the_change() -> None:
    connections = Connections(limit=2)
    async with connections.stream(reconnect_after=SOON) as stream:
        connections.opened[0].receive("1", "2")
        await replaced(connections)
        connections.opened[1].receive("3")
        messages = stream.messages()

        heard = [await anext(messages) for _ in range(4)]

    assert ["1", "2", Reconnected(), "3"] == heard


async def test_the_end_of_the_earlier_connection_is_reported() -> None:
    connections, failure = Connections(limit=2), InternalStreamFailure("failed")
    async with connections.stream(reconnect_after=SOON) as stream:
        connections.lose(failure)
        await replaced(connections)

        change = await anext(stream)

    assert isinstance(change, Reconnected)
    assert isinstance(change.error, InternalStreamFailure)


@pytest.mark.parametrize("replay_bytes", [0, 10_000])
async def test_a_message_that_is_being_sent_is_not_cut(replay_bytes: int) -> None:
    connections = Connections(limit=2)
    options: dict[str, Any] = {"replay_bytes": replay_bytes, "reconnect_after": SOON}
    async with connections.stream(**options) as stream:
        await stream.send_text("a", is_partial=True)
        await asyncio.sleep(2 * SOON)

        assert (1 if replay_bytes else 0) == stream.reconnects


async def test_a_message_that_is_being_received_is_not_cut() -> None:
    connections = Connections()
    async with connections.stream(reconnect_after=SOON) as stream:
        connections.opened[0].receive("a", state="PARTIAL")
        await anext(stream)
        await asyncio.sleep(2 * SOON)

        assert 0 == stream.reconnects


async def test_the_connection_is_kept_while_no_other_can_be_opened() -> None:
    connections = Connections(None, CredentialsError("none"))
    async with connections.stream(reconnect_after=SOON) as stream:
        await asyncio.sleep(2 * SOON)
        connections.opened[0].receive("1")

        assert [] == connections.failures
        assert "1" == await anext(stream.messages())


async def test_a_connection_that_is_lost_meanwhile_is_replaced() -> None:
    connections = Connections(None, ConnectError("no"))
    async with connections.stream(reconnect_after=SOON) as stream:
        connections.gate.clear()
        await asyncio.sleep(2 * SOON)
        connections.lose()
        reading = asyncio.create_task(anext(stream))
        await run_all()
        connections.gate.set()
        change = await reading

    assert isinstance(change, Reconnected)
    assert isinstance(change.error, TruncatedBodyError)


async def test_an_exception_of_the_preparation_wakes_the_reader() -> None:
    connections = Connections()

    async def fail(_: object) -> None:
        if len(connections.opened) > 1:
            raise KeyError

    async with connections.stream(reconnect_after=SOON, setup=fail) as stream:
        with pytest.raises(KeyError):
            await anext(stream)
        with pytest.raises(KeyError):
            await stream.send_text("x")

    assert [True, True] == [connection.is_closed for connection in connections.opened]


@pytest.mark.parametrize("is_planned", [True, False])
async def test_closing_ends_the_connecting(*, is_planned: bool) -> None:
    connections = Connections()
    async with connections.stream(reconnect_after=SOON) as stream:
        connections.gate.clear()
        if not is_planned:
            connections.lose()
        waiting = [
            asyncio.create_task(anext(stream)),
            asyncio.create_task(stream.send_text("x")),
        ]
        await asyncio.sleep(2 * SOON)
    await asyncio.wait(waiting)

    assert isinstance(waiting[0].exception(), SageMakerRuntimeError)
    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert 1 == len(connections.opened)


async def test_a_cancelled_task_leaves_nothing() -> None:
    for steps in range(15):
        connections = Connections()

        async def talk(connections: Connections = connections) -> None:
            async with connections.stream(replay_bytes=1000) as stream:
                await stream.send_text("1")
                connections.lose()
                await anext(stream)
                await stream.send_text("2")
                await anext(stream)

        task = asyncio.create_task(talk())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await run_all()

        assert task.cancelled()
        assert all(connection.is_closed for connection in connections.opened)
        assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_a_stream_is_used_while_it_is_open() -> None:
    stream = Connections().stream()
    uses: list[Callable[[], Awaitable[object]]] = [
        stream.__anext__,
        stream.close_input,
        stream.__aenter__,
    ]
    for use in uses[:2]:
        with pytest.raises(ClientStateError):
            await use()
    async with stream:
        pass
    for use in uses:
        with pytest.raises(ClientStateError):
            await use()
    await stream.aclose()


async def test_the_timer_does_not_keep_a_stream_that_is_dropped() -> None:
    connections = Connections()
    stream = connections.stream(reconnect_after=SOON)
    await stream.__aenter__()
    dropped = ref(stream)

    del stream
    gc.collect()
    await asyncio.sleep(2 * SOON)

    assert dropped() is None
    assert 1 == len(connections.opened)
    connections.opened[0].stream.abort()
