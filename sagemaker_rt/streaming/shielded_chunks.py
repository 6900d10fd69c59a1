"""Reads of an asynchronous iterator that can be cancelled without a loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import AsyncGeneratorType

from sagemaker_rt.errors import ClientStateError

__all__ = ["ShieldedChunks"]


class ShieldedChunks(AsyncIterator[bytes]):
    """The chunks of *iterator*, each of which is read in a task.

    A generator, and what is made of one, ends if a read of it is cancelled. Here the
    task goes on, and the next read gets its chunk. The task is cancelled when the
    chunks are closed or dropped.
    """

    def __init__(self, iterator: AsyncIterator[bytes]) -> None:
        self._iterator = iterator
        self._reading: asyncio.Task[bytes | None] | None = None
        self._is_closed = False

    async def __anext__(self) -> bytes:
        if self._is_closed:
            raise _closed()
        reading = self._reading
        if reading is None:
            reading = asyncio.create_task(_next_chunk(self._iterator))
            reading.add_done_callback(_retrieve_exception)
            self._reading = reading
        elif reading.get_loop() is not asyncio.get_running_loop():
            message = "the response belongs to another event loop"
            raise ClientStateError(message)
        await asyncio.wait((reading,))  # if it is cancelled, the task is kept
        if self._is_closed:
            raise _closed()
        self._reading = None
        self._is_closed = reading.cancelled()  # by its own code; it has ended
        chunk = reading.result()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Close a generator; a read in progress raises ClientStateError."""
        reading = self._reading
        self._is_closed = True
        if reading is not None and not reading.done():
            if reading is asyncio.current_task():
                return  # called by the generator itself, which cannot be closed now
            if reading.get_loop() is not asyncio.get_running_loop():
                _cancel(reading)
                return
            reading.cancel()
            await asyncio.wait((reading,))
        if isinstance(self._iterator, AsyncGeneratorType):
            await self._iterator.aclose()

    def __del__(self) -> None:
        reading = self._reading
        if reading is not None and not reading.done():
            _cancel(reading)


def _cancel(reading: asyncio.Task[bytes | None]) -> None:
    """Cancel a task from any thread, unless its event loop is closed."""
    loop = reading.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(reading.cancel)


def _closed() -> ClientStateError:
    return ClientStateError("the response was closed before its end")


async def _next_chunk(iterator: AsyncIterator[bytes]) -> bytes | None:
    return await anext(iterator, None)


def _retrieve_exception(reading: asyncio.Task[bytes | None]) -> None:
    """Prevent asyncio from logging an exception that no further read retrieves."""
    if not reading.cancelled():
        reading.exception()
