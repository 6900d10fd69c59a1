"""Deserialize: report the progress of request and response bodies."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import AsyncGeneratorType
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ClientStateError, ResponseTooLargeError
from sagemaker_rt.http import ChunkSent, Response, ResponseBody
from sagemaker_rt.interfaces import OnChunkReceived, OnChunkSent
from sagemaker_rt.stack import DeserializeInput, Handler, Output
from sagemaker_rt.streaming.callbacks import run_callback

__all__ = ["ReportProgress"]

# longer numbers cannot be the size of a body, and are slow to convert
_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_SUCCESS: Final = range(200, 300)


class ReportProgress:
    """Call functions for each chunk of the request and of a 2xx response.

    Counting starts again with each attempt. The functions are awaited before the next
    chunk is sent or read. An exception that they raise ends the call, closes the
    connection, and propagates unchanged.

    Args:
        on_chunk_sent: Receives the chunk, the bytes sent so far, and the total.
        on_chunk_received: Receives the chunk, the bytes received so far, and the total,
            which is None without a ``Content-Length``.
    """

    def __init__(
        self,
        on_chunk_sent: OnChunkSent | None,
        on_chunk_received: OnChunkReceived | None,
    ) -> None:
        self._on_sent = None if on_chunk_sent is None else _awaited(on_chunk_sent)
        self._on_received = on_chunk_received

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        if self._on_sent is not None:
            input.request.on_chunk_sent = self._on_sent
        output = await next(ctx, input)
        response = output.response
        if self._on_received is None or response is None:
            return output
        if response.status in _SUCCESS:
            response.body = _ReportedBody(response, self._on_received)
        return output


def _awaited(function: OnChunkSent) -> ChunkSent:
    async def report(chunk: bytes, sent: int, total: int) -> None:
        try:
            # awaited even if it is plain: HTTP clients expect a coroutine
            await run_callback(function, chunk, sent, total)
        finally:
            chunk = b""  # a traceback with local variables would show the body

    return report


class _ReportedBody:
    """The body of *response*; *function* is called with each chunk."""

    def __init__(self, response: Response, function: OnChunkReceived) -> None:
        self._body: Final[ResponseBody] = response.body
        self._function = function
        self._is_released = False
        self._total = _length(response)

    def read_nowait(self) -> bytes | None:
        """Return None: the function may be async."""
        return None

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: The body exceeds *limit* bytes.
        """
        size, chunks = 0, list[bytes]()
        async with aclosing(self.iter_chunks()) as chunks_received:
            while max(size, self._total or 0) <= limit:
                chunk = await anext(chunks_received, None)
                if chunk is None:
                    return b"".join(chunks)
                chunks.append(chunk)
                size += len(chunk)
        self.release()
        message = f"response body exceeds max_response_bytes: {limit}"
        raise ResponseTooLargeError(message)

    async def iter_chunks(self) -> AsyncGenerator[bytes]:
        """Yield each chunk after the function has returned."""
        received, chunk = 0, b""
        chunks = self._body.iter_chunks()
        try:
            async for chunk in chunks:
                received += len(chunk)
                await run_callback(self._function, chunk, received, self._total)
                if self._is_released:  # by the function, or by another task
                    message = "response body was released while it was read"
                    raise ClientStateError(message)
                yield chunk
        finally:
            del chunk  # a traceback with local variables would show the body
            if isinstance(chunks, AsyncGeneratorType):
                await chunks.aclose()

    def release(self) -> None:
        """Release the connection; it is closed if the body was not read to its end."""
        self._is_released = True
        self._body.release()


def _length(response: Response) -> int | None:
    value = response.headers.lower.get("content-length", "")
    return int(value) if _DIGITS.fullmatch(value) else None
