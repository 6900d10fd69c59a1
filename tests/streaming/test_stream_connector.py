"""Attempts to reconnect; ``test_reconnecting_stream.py`` tests the rest."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_rt.errors import (
    ComponentError,
    ConnectError,
    CredentialsError,
    TruncatedBodyError,
)
from sagemaker_rt.sansio.reconnection import is_reconnectable
from sagemaker_rt.streaming.stream_connector import StreamConnector
from tests.streaming.reconnecting_doubles import Connections

CUT = TruncatedBodyError("cut")


def connector(connections: Connections, **changes: Any) -> StreamConnector:
    options: dict[str, Any] = {
        "connect": connections.connect,
        "setup": None,
        "should_reconnect": is_reconnectable,
        "max_attempts": 4,
        "sleep": connections.sleep,
        "chance": lambda: 0.5,
    }
    return StreamConnector(**options | changes)


async def test_the_delays_grow_and_are_random() -> None:
    connections = Connections(*[ConnectError("no")] * 3)

    stream = await connector(connections).reopen(CUT)
    stream.abort()

    assert [0.25, 0.5, 1.0, 2.0] == connections.delays


async def test_the_last_error_is_raised_after_the_last_attempt() -> None:
    connections = Connections(*[ConnectError(str(number)) for number in range(9)])
    connecting = connector(connections)

    with pytest.raises(ConnectError, match="3") as caught:
        await connecting.reopen(CUT)
    with pytest.raises(TruncatedBodyError):
        await connecting.reopen(TruncatedBodyError("cut"))

    assert ["after 4 attempts to reconnect"] == caught.value.__notes__
    assert 4 == len(connections.delays)


async def test_attempts_count_anew_after_an_event() -> None:
    connections = Connections()
    connecting = connector(connections, max_attempts=1)

    for _ in range(3):
        (await connecting.reopen(CUT)).abort()
        connecting.received()

    assert [0.25] * 3 == connections.delays


async def test_an_error_that_would_repeat_ends_the_attempts() -> None:
    connections = Connections(ConnectError("no"), CredentialsError("none"))

    with pytest.raises(CredentialsError):
        await connector(connections).reopen(CUT)

    assert 2 == len(connections.delays)


async def test_a_stream_that_cannot_be_prepared_is_closed() -> None:
    connections = Connections()

    async def fail(_: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await connector(connections, setup=fail).open()

    assert connections.opened[0].is_closed


async def test_what_the_functions_of_the_caller_return_is_checked() -> None:
    connections = Connections()

    async def connect_later() -> object:
        return connections.connect

    for connect in (lambda: None, connect_later):
        with pytest.raises(ComponentError, match=r"^connect .*; it must return a call"):
            await connector(connections, connect=connect).open()
    with pytest.raises(ComponentError, match=r"^setup .* returned NoneType"):
        await connector(connections, setup=lambda _: None).open()

    assert connections.opened[0].is_closed


def test_an_exception_of_the_decision_is_typed() -> None:
    def fail(_: object) -> bool:
        raise KeyError

    with pytest.raises(ComponentError):
        connector(Connections(), should_reconnect=fail).allows(CUT)
