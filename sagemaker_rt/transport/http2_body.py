"""The body of a response over HTTP/2."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol

from sagemaker_rt.errors import ResponseTooLargeError

__all__ = ["Http2Body", "Source"]


class Source(Protocol):
    """The connection that receives a body."""

    async def receive(self) -> bytes | None:
        """Return the next piece, or None at the end; cancelling it loses nothing."""
        ...

    def take_rest(self) -> bytes | None:
        """Return the rest of the body if it is received to its end; else None."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Http2Body(AsyncIterator[bytes]):
    """A response body; a `http.ResponseBody`."""

    is_cancel_safe: Final = True

    def __init__(self, source: Source) -> None:
        self._source: Final = source

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it is received."""
        return self._source.take_rest()

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
            TransportError: The connection was lost, or a timeout expired.
        """
        read = bytearray()
        async for chunk in self:
            read += chunk
            if len(read) > limit:
                message = f"response body exceeds max_response_bytes: {limit}"
                raise ResponseTooLargeError(message)
        return bytes(read)

    def iter_chunks(self) -> Http2Body:
        """Return the body itself, which yields its pieces."""
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._source.receive()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def release(self) -> None:
        """Close the connection."""
        self._source.close()
