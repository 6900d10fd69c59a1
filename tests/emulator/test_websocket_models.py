"""Models of streams in both directions."""

from __future__ import annotations

from sagemaker_rt.emulator.websocket_models import (
    CloseWebSocket,
    Incoming,
    echo_messages,
)


async def test_messages_are_echoed_until_the_end() -> None:
    incoming = Incoming(path="p", query="q", variant="v")
    for message in ("a", b"b", None):
        await incoming.put(message)

    assert ["a", b"b"] == [message async for message in echo_messages(incoming)]
    assert [] == [message async for message in incoming]
    assert ("p", "q", "v") == (incoming.path, incoming.query, incoming.variant)


def test_a_close_has_code_and_reason() -> None:
    close = CloseWebSocket(1001, "away")

    assert (1001, "away") == (close.code, close.reason)
