"""Deserialize: tell the caller how far the bodies have come."""

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
from sagemaker_rt.streaming.callbacks import run

__all__ = ["ReportProgress"]

_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_OK: Final = range(200, 300)


class ReportProgress:
    """Call a function for each chunk of the request, one for each of a good answer.

    Both begin anew with each attempt. They are awaited before the next chunk goes out,
    or is read. What they raise ends the call, and its connection.
    """

    def __init__(
        self,
        on_chunk_sent: OnChunkSent | None,
        on_chunk_received: OnChunkReceived | None,
    ) -> None:
        self._sent = None if on_chunk_sent is None else _awaited(on_chunk_sent)
        self._received = on_chunk_received

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        if self._sent is not None:
            input.request.on_chunk_sent = self._sent
        output = await next(ctx, input)
        response = output.response
        is_good = response is not None and response.status in _OK
        if self._received is not None and response is not None and is_good:
            response.body = _Reported(response, self._received)
        return output


def _awaited(function: OnChunkSent) -> ChunkSent:
    async def report(chunk: bytes, sent: int, total: int) -> None:
        try:
            await run(function, chunk, sent, total)
        finally:
            chunk = b""  # or a traceback that shows local variables shows the body

    return report


class _Reported:
    """The body of *response*, each chunk of which *function* is told of."""

    def __init__(self, response: Response, function: OnChunkReceived) -> None:
        self._body: Final[ResponseBody] = response.body
        self._function = function
        self._is_released = False
        self._total = _length(response)

    def read_nowait(self) -> bytes | None:
        """Return None: the function may have to be waited for."""
        return None

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            ResponseTooLargeError: It is larger than *limit* bytes.
        """
        size, chunks = 0, list[bytes]()
        async with aclosing(self.iter_chunks()) as arriving:
            while max(size, self._total or 0) <= limit:
                chunk = await anext(arriving, None)
                if chunk is None:
                    return b"".join(chunks)
                chunks.append(chunk)
                size += len(chunk)
        self.release()
        message = f"response body is larger than {limit} bytes"
        raise ResponseTooLargeError(message)

    async def iter_chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives, and after the function has returned."""
        received, chunk = 0, b""
        chunks = self._body.iter_chunks()
        try:
            async for chunk in chunks:
                received += len(chunk)
                await run(self._function, chunk, received, self._total)
                if self._is_released:
                    message = "the response body was released while it was read"
                    raise ClientStateError(message)
                yield chunk
        finally:
            del chunk  # or a traceback that shows local variables shows the answer
            if isinstance(chunks, AsyncGeneratorType):
                await chunks.aclose()

    def release(self) -> None:
        """Give the connection back if the body was read to its end, else abort it."""
        self._is_released = True
        self._body.release()


def _length(response: Response) -> int | None:
    value = response.headers.lower.get("content-length", "")
    return int(value) if _DIGITS.fullmatch(value) else None
