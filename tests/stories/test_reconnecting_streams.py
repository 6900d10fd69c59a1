"""Streams that continue on another connection, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import (
    BidirectionalStream,
    Client,
    ClientStateError,
    ConnectError,
    ModelStreamError,
    Reconnected,
    ReconnectingStream,
    StreamRefusedError,
    TruncatedBodyError,
)
from sagemaker_rt.emulator import (
    CloseWebSocket,
    Emulator,
    Incoming,
    StreamFault,
    StreamFaultKind,
)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
        max_attempts=1,
    ) as client:
        yield client


async def no_delay(_: float) -> None:
    await asyncio.sleep(0)


def reconnecting(client: Client, **options: Any) -> ReconnectingStream:
    return ReconnectingStream(
        lambda: client.invoke_endpoint_with_bidirectional_stream(endpoint_name="echo"),
        sleep=no_delay,
        **options,
    )


def cut_after(events: int) -> StreamFault:
    return StreamFault(StreamFaultKind.END_OF_FILE, after=events)


async def test_events_that_were_not_acknowledged_are_sent_again(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(cut_after(2))
    heard: list[object] = []
    async with reconnecting(client, replay_bytes=10_000) as stream:
        for text in ("0", "1", "2"):
            await stream.send_text(text)
        async for message in stream.messages():
            heard.append(message)
            if isinstance(message, str):
                stream.acknowledge(int(message) + 1)
            if message == "2":
                break

    change = next(event for event in heard if isinstance(event, Reconnected))
    assert isinstance(change.error, TruncatedBodyError)
    position = heard.index(change)
    assert ["0", "1"][:position] == heard[:position]
    assert "2" == heard[-1]
    assert 3 - change.replayed <= position
    assert 1 == stream.reconnects


async def test_a_connection_is_replaced_before_the_limit_of_the_service(
    client: Client,
) -> None:
    heard: list[object] = []
    async with reconnecting(client, reconnect_after=0.05) as stream:
        while stream.reconnects < 3:
            await stream.send_text("x")
            heard += [await anext(stream.messages())]

    changes = [event for event in heard if isinstance(event, Reconnected)]
    assert len(changes) >= 2
    assert {Reconnected()} == set(changes)


async def test_a_connection_that_is_idle_is_replaced_too(client: Client) -> None:
    async with reconnecting(client, reconnect_after=0.01) as stream:
        assert Reconnected() == await anext(stream)


async def test_a_read_with_short_timeouts_reconnects(
    emulator: Emulator, client: Client
) -> None:
    """Otherwise each timeout would start the connecting again."""
    emulator.fail_next(cut_after(0))
    async with reconnecting(client) as stream:
        await stream.send_text("x")
        event = None
        while event is None:
            try:
                async with asyncio.timeout(0.001):
                    event = await anext(stream)
            except TimeoutError:
                pass

    assert isinstance(event, Reconnected)


async def test_each_connection_is_prepared(emulator: Emulator, client: Client) -> None:
    emulator.fail_next(cut_after(1))

    async def greet(stream: BidirectionalStream) -> None:
        await stream.send_text("hello")

    async with reconnecting(client, setup=greet) as stream:
        messages = stream.messages()

        assert "hello" == await anext(messages)
        assert isinstance(await anext(messages), Reconnected)
        assert "hello" == await anext(messages)
        assert 0 == stream.events_sent


async def test_the_rest_of_a_message_is_not_sent_without_its_start(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(cut_after(1))
    async with reconnecting(client) as stream:
        await stream.send_text("first")
        assert "first" == await anext(stream.messages())
        await stream.send_text("a", is_partial=True)
        change = await anext(stream)
        with pytest.raises(ClientStateError, match="from its start"):
            await stream.send_text("b")
        await stream.send_text("whole")

        assert isinstance(change, Reconnected)
        assert change.sent_message_cut
        assert "whole" == await anext(stream.messages())


async def test_the_attempts_are_limited(emulator: Emulator, client: Client) -> None:
    emulator.fail_next(cut_after(0))
    for _ in range(2):
        emulator.fail_next(StreamFault(StreamFaultKind.REFUSE))
    async with reconnecting(client, max_attempts=2) as stream:
        await stream.send_text("x")
        changes = [await anext(stream), await anext(stream)]
        with pytest.raises(StreamRefusedError) as caught:
            await anext(stream)

        assert [Reconnected, Reconnected] == [type(change) for change in changes]
        assert "after 2 attempts to reconnect" in caught.value.__notes__
        with pytest.raises(StreamRefusedError):
            await stream.send_text("x")


async def test_an_error_of_the_model_is_raised(
    emulator: Emulator, client: Client
) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        async for text in incoming:
            yield str(text)
            break
        raise CloseWebSocket(1001)

    emulator.deploy_websocket("echo", model)

    async def talk(stream: ReconnectingStream) -> object:
        async with stream:
            await stream.send_text("x")
            await anext(stream)
            return await anext(stream)

    with pytest.raises(ModelStreamError):
        await talk(reconnecting(client))
    change = await talk(reconnecting(client, should_reconnect=lambda _: True))
    assert isinstance(change, Reconnected)
    assert isinstance(change.error, ModelStreamError)


async def test_the_first_connection_is_not_repeated(client: Client) -> None:
    lost = client.with_options(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(ConnectError):
        await reconnecting(lost).__aenter__()


async def test_the_input_can_be_closed(client: Client) -> None:
    async with reconnecting(client, reconnect_after=0.05) as stream:
        await stream.send_text("x")
        await stream.close_input()

        assert ["x"] == [message async for message in stream.messages()]
        with pytest.raises(ClientStateError):
            await stream.send_text("y")
