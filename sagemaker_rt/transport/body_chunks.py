"""Reads the body of a request in chunks; files are read in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final, TypeAlias

from sagemaker_rt.blocking import run_in_thread
from sagemaker_rt.http import Body, FileBody
from sagemaker_rt.streaming.threads import wait_for_thread

__all__ = [
    "CHUNK_BYTES",
    "MAX_SINGLE_WRITE",
    "REPORTED_CHUNK_BYTES",
    "BodyChunks",
    "Chunk",
]

Chunk: TypeAlias = bytes | memoryview
"""Bytes of a body; a body in memory is not copied."""
MAX_SINGLE_WRITE: Final = 1 << 16
"""The size up to which a body is written together with the headers, since the socket
buffer will most likely take it at once."""
CHUNK_BYTES: Final = 1 << 18
REPORTED_CHUNK_BYTES: Final = 1 << 16
"""The size of chunks for `on_chunk_sent`, as documented."""
# Seconds that a failed request waits for the thread that reads its file. The caller may
# use the file again as soon as the error is raised.
_FILE_READ_TIMEOUT: Final = 1.0


class BodyChunks:
    """The chunks of *body*, with *size* bytes each; for one sending."""

    def __init__(self, body: Body, size: int) -> None:
        self._is_file = isinstance(body, FileBody)
        self._chunks = (
            _split(body, size) if isinstance(body, bytes) else body.chunks(size)
        )
        self._file_read: asyncio.Future[Chunk] | None = None
        self.error: Exception | None = None
        """The exception that the file raised."""

    async def next(self) -> Chunk:
        """Return the next chunk."""
        if not self._is_file:
            return self._chunks.__next__()  # next() would lose the type
        try:
            self._file_read = run_in_thread(self._chunks.__next__)
            return await asyncio.shield(self._file_read)
        except Exception as error:
            self.error = error
            raise

    async def wait_for_thread(self) -> None:
        """Wait until no thread reads the file, but not for ever."""
        if self._file_read is not None and not self._file_read.done():
            await wait_for_thread(self._file_read, limit=_FILE_READ_TIMEOUT)


def _split(body: bytes, size: int) -> Iterator[memoryview]:
    view = memoryview(body)
    return (view[start : start + size] for start in range(0, len(body), size))
