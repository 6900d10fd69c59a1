"""The connections of a `ReconnectingStream`, of which one is in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol
from weakref import WeakMethod

from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError
from sagemaker_rt.streaming.bidirectional_stream import BidirectionalStream
from sagemaker_rt.streaming.stream_connector import StreamConnector

__all__ = ["ConnectionSequence", "ConnectionUser"]

_POSTPONED: Final = 1.0
_NEXT_TRY: Final = 10.0


class ConnectionUser(Protocol):
    """Uses the current connection."""

    def is_inside_message(self) -> bool:
        """Return whether a message would be cut if the connection was replaced now."""
        ...

    def keep_received(self, stream: BidirectionalStream) -> None:
        """Read what was received on *stream*, for a later read; it does not wait."""
        ...

    def use(
        self,
        new: BidirectionalStream,
        old: BidirectionalStream,
        error: SageMakerRuntimeError | None,
    ) -> None:
        """Use *new* from now on; *old* failed with *error*, or is closed after this."""
        ...


class ConnectionSequence:
    """Replaces the connection of *user* when it fails, or after some time.

    A connection is opened in a task, so that an operation that waits for it can be
    cancelled and repeated. When it is open, the earlier one is closed.

    Args:
        seconds: The time after which a connection is replaced; None for never.
        chance: Draws a number in [0, 1), for delays.
    """

    def __init__(
        self,
        user: ConnectionUser,
        connector: StreamConnector,
        *,
        seconds: float | None,
        chance: Callable[[], float],
    ) -> None:
        self._user: Final = user
        self._connector: Final = connector
        self._seconds: Final = seconds
        self._chance: Final = chance
        self._stream: BidirectionalStream | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_final = False
        self.error: Exception | None = None
        """The error that ended the sequence; else None."""

    @property
    def current(self) -> BidirectionalStream:
        """The stream on the current connection.

        Raises:
            ClientStateError: There is none yet, or it was closed.
            Exception: Reconnecting failed.
        """
        if self.error is not None:
            raise self.error
        if self._stream is None:
            message = "the stream is not open; use it in `async with`"
            raise ClientStateError(message)
        return self._stream

    async def open(self) -> None:
        """Open the first connection.

        Raises:
            ClientStateError: This was called before.
            Exception: It was not opened.
        """
        if self._stream is not None or self.error is not None:
            message = "the stream was opened before; make another one"
            raise ClientStateError(message)
        self._stream = await self._connector.open()
        self._start_timer()

    async def read_rest(self, stream: BidirectionalStream) -> None:
        """Read *stream*, to which nothing can be sent: the service may have ended it.

        An error at its end is then known as ``stream.error``.
        """
        for _ in range(2):
            if stream.error is None and stream is self._stream:
                self._user.keep_received(stream)
                await asyncio.sleep(0)  # another task that reads it is about to wake

    async def replace(
        self, stream: BidirectionalStream, error: SageMakerRuntimeError
    ) -> None:
        """Wait until another connection than *stream* is in use, which raised *error*.

        It may return earlier: use `current` again. Cancelling it does not stop the
        connecting.

        Raises:
            SageMakerRuntimeError: The error cannot be overcome by another connection.
        """
        if stream is not self._stream or self.error is not None:
            return
        if isinstance(stream.error, SageMakerRuntimeError):
            error = stream.error  # of which *error* is a consequence
        if self._task is None:
            if self._is_final or not self._connector.allows(error):
                raise error
            self._start(self._replace(stream, error))
        assert self._task is not None  # noqa: S101 - started above, or before
        await asyncio.wait([self._task])

    def keep(self) -> None:
        """Use the current connection to its end."""
        self._is_final = True
        self._stop_timer()

    def end(self, error: Exception) -> None:
        """Close the connection; *error* is raised from now on."""
        self.error = self.error or error
        self.keep()
        if self._task is not None:
            self._task.cancel()
        if self._stream is not None:
            self._stream.abort()

    async def aclose(self) -> None:
        """Close the input and the connection; no other one is opened."""
        self.keep()
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if self._stream is not None:
            await self._stream.aclose()

    def _start(self, replacing: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(replacing)

    async def _replace(
        self, old: BidirectionalStream, error: SageMakerRuntimeError | None
    ) -> None:
        """Open a connection after *error*; None if *old* can still be used."""
        try:
            if error is None:
                new = await self._connector.open()
            else:
                new = await self._connector.reopen(error)
            self._stream = new
            self._user.use(new, old, error)
            old.abort()
            self._start_timer()
        except SageMakerRuntimeError as failure:
            if error is not None:
                self.error = failure
            else:
                self._start_timer(_NEXT_TRY * (0.5 + self._chance()))
        except Exception as failure:  # noqa: BLE001 - of the caller's function; it is raised by what comes next
            self.error = failure
            old.abort()  # wakes its reader
        finally:
            self._task = None

    def _start_timer(self, seconds: float | None = None) -> None:
        if seconds is None and self._seconds is not None:
            # many streams that were opened together are not replaced together
            seconds = self._seconds * (1.0 - 0.1 * self._chance())
        self._stop_timer()
        if seconds is not None and not self._is_final:
            loop, due = asyncio.get_running_loop(), WeakMethod(self._on_timer)
            # a weak reference: the timer must not keep a dropped stream alive
            self._timer = loop.call_later(seconds, _call, due)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self) -> None:
        stream = self._stream
        if stream is None or stream.error is not None or self._task is not None:
            return  # it is replaced by what uses it next
        if self._user.is_inside_message():
            self._start_timer(_POSTPONED)
        else:
            self._start(self._replace(stream, None))


def _call(method: WeakMethod[Callable[[], None]]) -> None:
    function = method()
    if function is not None:
        function()
