"""Models of streams in both directions, with the WebSocket of a container.

A model is an async generator function::

    async def model(incoming: Incoming) -> AsyncIterator[str | bytes]:
        async for message in incoming:
            yield message

A text frame is a str, and a binary frame is bytes. When the function returns, the
container closes the WebSocket with the code 1000.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, TypeAlias

from attrs import field, frozen

__all__ = [
    "CloseWebSocket",
    "Incoming",
    "Partial",
    "WebSocketModel",
    "echo_messages",
]

_MAX_MESSAGES: Final = 16
_END: Final = None


@frozen
class Partial:
    """A fragment of a message, which more follow."""

    data: str | bytes = field(repr=False)


class CloseWebSocket(Exception):  # noqa: N818 - control flow of a model
    """Raised by a model to close its WebSocket."""

    def __init__(self, code: int = 1000, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Incoming(AsyncIterator["str | bytes"]):
    """The messages that a model receives; their parts are joined."""

    def __init__(self, *, path: str, query: str, variant: str) -> None:
        self.path: Final = path
        """The path of the WebSocket, without a slash at its start."""
        self.query: Final = query
        """The query of the WebSocket."""
        self.variant: Final = variant
        """The production variant that runs the model."""
        self._messages: Final[asyncio.Queue[str | bytes | None]] = asyncio.Queue(
            _MAX_MESSAGES
        )
        self._is_ended = False

    async def __anext__(self) -> str | bytes:
        message = None if self._is_ended else await self._messages.get()
        if message is None:
            self._is_ended = True
            raise StopAsyncIteration
        return message

    async def put(self, message: str | bytes | None) -> None:
        """Add a message, or None for the end; wait while the model does not read."""
        await self._messages.put(message)


WebSocketModel: TypeAlias = Callable[[Incoming], AsyncIterator["str | bytes | Partial"]]
"""A function that is called with the incoming messages, and yields those to send."""


async def echo_messages(incoming: Incoming) -> AsyncIterator[str | bytes]:
    """Yield each message unchanged."""
    async for message in incoming:
        yield message
