"""One stream of an HTTP/2 connection, as the emulator serves it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, Protocol

__all__ = ["Http2Stream", "StreamConnection", "StreamLost"]

_MIN_CREDIT: Final = 32 * 1024


class StreamLost(Exception):  # noqa: N818 - control flow inside the emulator
    """The client has reset the stream, or closed the connection."""


class StreamConnection(Protocol):
    """The connection of a stream."""

    def write_headers(
        self, stream_id: int, headers: Sequence[tuple[str, str]], *, end: bool
    ) -> None:
        """Write the response headers."""
        ...

    def write_data(self, stream_id: int, data: bytes) -> int:
        """Write as much of *data* as flow control allows; return how much."""
        ...

    def write_end(self, stream_id: int) -> None:
        """Write the end of the stream."""
        ...

    def write_reset(self, stream_id: int, error_code: int) -> None:
        """Write RST_STREAM."""
        ...

    def write_goaway(self, last_stream_id: int, error_code: int) -> None:
        """Write GOAWAY; streams go on."""
        ...

    def return_credit(self, stream_id: int, size: int) -> None:
        """Let the client send *size* more bytes."""
        ...

    def disconnect(self, *, abort: bool) -> None:
        """Close the connection: by the end of file, or a reset."""
        ...


class Http2Stream:
    """A request that is received while its response is sent."""

    def __init__(
        self, connection: StreamConnection, id: int, headers: Mapping[str, str]
    ) -> None:
        self.connection: Final = connection
        self.id: Final = id
        self.headers: Final = headers
        """Header values by lower-case names, with the pseudo-headers."""
        self.reads_input = True
        """Whether the client may send more when its bytes were read."""
        self._chunks: Final[deque[tuple[bytes, int]]] = deque()
        self._unreturned = 0
        self._is_ended = False
        self._is_lost = False
        self._waiters: Final[set[asyncio.Future[None]]] = set()

    async def receive(self) -> bytes | None:
        """Return the next bytes of the request; None at its end.

        Raises:
            StreamLost: The client has gone.
        """
        while not self._chunks:
            if self._is_lost:
                raise StreamLost
            if self._is_ended:
                return None
            await self._wait()
        data, size = self._chunks.popleft()
        self._unreturned += size
        if self._unreturned >= _MIN_CREDIT and self.reads_input and not self._is_ended:
            self.connection.return_credit(self.id, self._unreturned)
            self._unreturned = 0
        return data

    async def until_lost(self) -> NoReturn:
        """Wait until the client has gone.

        Raises:
            StreamLost: It has.
        """
        while not self._is_lost:
            await self._wait()
        raise StreamLost

    def respond(self, headers: Sequence[tuple[str, str]], *, end: bool = False) -> None:
        """Send the response headers.

        Raises:
            StreamLost: The client has gone.
        """
        self._require_client()
        self.connection.write_headers(self.id, headers, end=end)

    async def send(self, data: bytes) -> None:
        """Send *data*; wait while flow control does not allow it.

        Raises:
            StreamLost: The client has gone.
        """
        while True:
            self._require_client()
            data = data[self.connection.write_data(self.id, data) :]
            if not data:
                return
            await self._wait()

    def end(self) -> None:
        """End the response."""
        if not self._is_lost:
            self.connection.write_end(self.id)

    def reset(self, error_code: int) -> None:
        """Reset the stream."""
        self.connection.write_reset(self.id, error_code)
        self.lose()

    def feed(self, data: bytes, size: int) -> None:
        """Take bytes of the request, which take *size* of the window."""
        self._chunks.append((data, size))
        self.wake()

    def feed_end(self) -> None:
        """Take the end of the request."""
        self._is_ended = True
        self.wake()

    def lose(self) -> None:
        """Take the end of the stream without the end of the request."""
        self._is_lost = True
        self.wake()

    def wake(self) -> None:
        """Let what waits look at the state again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _require_client(self) -> None:
        if self._is_lost:
            raise StreamLost

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
