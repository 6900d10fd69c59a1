"""The response to one request: its headers, and the part of its body not yet read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

__all__ = ["Download", "Source"]

# Received bytes that are not read yet, from which the connection is not read further.
_MAX_UNREAD: Final = 1 << 18
_FIRST_ERROR_STATUS: Final = 400


class Source(Protocol):
    """The connection of a response."""

    def pause_reading(self) -> None:
        """Leave what is received to the kernel."""
        ...

    def resume_reading(self) -> None:
        """Read what is received."""
        ...

    def close(self) -> None:
        """Close the connection at once."""
        ...


class Download:
    """The response to one request on *connection*; a `response_body.Content`."""

    __slots__ = (
        "_chunks",
        "_connection",
        "_loop",
        "_unread",
        "_waiter",
        "can_send_body",
        "codings",
        "error",
        "headers",
        "is_chunked",
        "is_complete",
        "is_returned",
        "size",
        "status",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Source) -> None:
        self._loop = loop
        self._connection: Source | None = connection
        self._chunks: list[bytes] = []
        self._unread = 0
        self._waiter: asyncio.Future[None] | None = None
        self.is_complete = False
        """Whether the body was received to its end."""
        self.error: BaseException | None = None
        """The exception that ended the body, if any."""
        self.status = 0
        """The final status; 0 before the headers are received."""
        self.headers: dict[str, str]
        self.codings: Sequence[str] = ()
        """The values of ``Transfer-Encoding``."""
        self.is_returned = False
        """Whether the caller has the headers, so that only the body can fail."""
        self.is_chunked = False
        """Whether the parser reads the body as chunks."""
        self.size: int | None
        """The value of ``Content-Length``, if the response has it."""
        self.can_send_body = False
        """Whether the server has sent ``100 Continue``."""

    @property
    def is_held(self) -> bool:
        """Whether the response still has its connection."""
        return self._connection is not None

    @property
    def is_error(self) -> bool:
        """Whether the response has the status of an error."""
        return self.status >= _FIRST_ERROR_STATUS

    @property
    def is_final(self) -> bool:
        """Whether it is useless to send more of the request body."""
        return self.is_error or self.is_complete or self.error is not None

    def start(self, status: int, headers: dict[str, str], size: int | None) -> None:
        """Take the headers of the final response."""
        self.status = status
        self.headers = headers
        self.size = size

    def feed(self, chunks: Sequence[bytes]) -> None:
        """Take *chunks*, the next parts of the body."""
        self._chunks += chunks
        self._unread += sum(map(len, chunks))
        if self._unread >= _MAX_UNREAD and self._connection is not None:
            self._connection.pause_reading()

    def complete(self) -> None:
        """Record the end of the body, and let go of the connection."""
        self.is_complete = True
        self._connection = None
        self.wake()

    def fail(self, error: BaseException) -> None:
        """Record that the body will not be complete, and let go of the connection.

        A response that is complete stays so, although the connection fails later.
        """
        if self.is_complete:
            return
        if self.error is None:
            self.error = error
        self._connection = None
        self.wake()

    def wake(self) -> None:
        """Wake the task that waits for a change, if any."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def changed(self) -> asyncio.Future[None]:
        """Return a future that is done when `wake` is called; for one task."""
        self._waiter = waiter = self._loop.create_future()
        return waiter

    async def head(self) -> None:
        """Wait for the headers of the final response.

        Raises:
            BaseException: `error`, if no valid response was received.
        """
        while not self.status and self.error is None:
            await self.changed()
        if self.error is not None and not self.status:
            raise self.error

    def take(self) -> bytes:
        """Return all bytes that are received and were not read; it does not wait."""
        chunks = self._chunks
        if not chunks:
            return b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        if self._unread >= _MAX_UNREAD and self._connection is not None:
            self._connection.resume_reading()
        self._unread = 0
        return data

    async def receive(self) -> bytes:
        """Return the next bytes, or ``b""`` at the end.

        Raises:
            BaseException: `error`, if the rest of the body was lost.
        """
        while not self._chunks and not self.is_complete and self.error is None:
            await self.changed()
        if not self._chunks and self.error is not None:
            raise self.error
        return self.take()

    def abort(self) -> None:
        """Close the connection at once, if the response still has it."""
        if self._connection is not None:
            self._connection.close()

    abandon = abort
