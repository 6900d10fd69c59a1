"""Sends the body of a request, as far as the server takes it."""

from __future__ import annotations

import asyncio
from typing import Final

from sagemaker_rt.http import ChunkSent
from sagemaker_rt.transport.attempt import Attempt
from sagemaker_rt.transport.body_chunks import (
    CHUNK_BYTES,
    REPORTED_CHUNK_BYTES,
    BodyChunks,
    Chunk,
)
from sagemaker_rt.transport.native.connection import Connection
from sagemaker_rt.transport.native.download import Download
from sagemaker_rt.transport.request_stage import Stage

__all__ = ["Upload"]


class Upload:
    """The body of the request of *attempt*, which is sent on *connection*.

    A server can respond before it has read the body. If it refuses the request, or its
    response is complete, nothing more is sent.
    """

    def __init__(
        self, attempt: Attempt, connection: Connection, download: Download
    ) -> None:
        body, report = attempt.request.body, attempt.request.on_chunk_sent
        size = CHUNK_BYTES if report is None else REPORTED_CHUNK_BYTES
        self._attempt: Final = attempt
        self._connection: Final = connection
        self._download: Final = download
        self._has_waited = False
        self._chunk: Chunk = b""  # not a local variable, which tracebacks can show
        self.chunks: Final = BodyChunks(body, size)
        self.callback_error: BaseException | None = None
        """The exception that ``on_chunk_sent`` raised."""

    async def wait_for_continue(self, seconds: float) -> None:
        """Wait until the server wants the body, at most *seconds*.

        The wait has no other time limit than the deadline of the request.
        """
        download = self._download
        self._attempt.enter(Stage.WRITE, None)
        timer = asyncio.get_running_loop().call_later(seconds, self._stop_waiting)
        try:
            while not (self._has_waited or download.can_send_body):
                if download.status or download.error is not None:
                    return
                await download.changed()
        finally:
            timer.cancel()

    def _stop_waiting(self) -> None:
        # a flag, since a timer of uvloop can fire before its time by the loop's clock
        self._has_waited = True
        self._download.wake()

    async def send(self) -> bool:
        """Send the body in chunks; return whether all of it was sent.

        ``write_timeout`` starts anew with each chunk.
        """
        attempt, connection = self._attempt, self._connection
        request = attempt.request
        attempt.enter(Stage.WRITE, request.timeouts.write)
        total = left = len(request.body)
        while left:
            self._chunk = await self.chunks.next()
            connection.read()  # a response that refuses the request
            if self._download.is_final:
                return False
            connection.write(self._chunk)
            if not await self.drain():
                return False
            left -= len(self._chunk)
            if request.on_chunk_sent is not None:
                await self._report(request.on_chunk_sent, total - left)
            attempt.enter(Stage.WRITE, request.timeouts.write)
            await asyncio.sleep(0)  # for other tasks, if the socket takes everything
        return True

    async def drain(self) -> bool:
        """Wait until all that was written is sent; return whether it was."""
        while self._connection.has_unsent and not self._download.is_final:
            await self._download.changed()
        return not (self._connection.has_unsent or self._download.error)

    async def _report(self, on_chunk_sent: ChunkSent, sent: int) -> None:
        """Call *on_chunk_sent*; its duration is only limited by the deadline."""
        self._attempt.time_limit.restart(None)
        total = len(self._attempt.request.body)
        try:
            await on_chunk_sent(bytes(self._chunk), sent, total)
        except BaseException as error:
            self.callback_error = error
            raise
