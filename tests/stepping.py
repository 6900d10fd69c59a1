"""Step through the suspensions of a call, and cancel it at one of them.

Run the servers of the call in a `LoopThread`. Every task and descriptor that is left in
the event loop of the call then belongs to the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from enum import Enum
from functools import partial
from threading import Thread
from types import CoroutineType, TracebackType
from typing import Any, Final, Generic, Self, TypeVar

__all__ = ["LoopThread", "Moment", "Stepped"]

T = TypeVar("T")

_DELAY: Final = 0.004  # seconds after a suspension; I/O is in progress by then


class Moment(Enum):
    """When the call is cancelled, relative to its suspension."""

    AT_ONCE = "as soon as the call is suspended"
    LATER = "after a delay, if the call is still suspended"
    ARRIVED = "when the awaited future is done, before the call resumes"
    INSISTENT = "at once, and again at each further suspension"


class Stepped(Generic[T]):
    """Awaits *call*, and cancels its task at suspension *cancel_at*.

    A suspension is a point at which the call yields to the event loop.

    Args:
        cancel_at: The number of the suspension, from 0; None cancels nothing.
    """

    def __init__(
        self,
        call: Coroutine[Any, Any, T],
        cancel_at: int | None = None,
        moment: Moment = Moment.AT_ONCE,
    ) -> None:
        self.points: list[tuple[str, ...]] = []
        """The suspensions so far: names of functions, from the outermost inwards."""
        self.was_cancelled = False
        self.is_waiting = False
        self._call = call
        self._cancel_at = cancel_at
        self._moment = moment

    def __await__(self) -> Generator[Any, Any, T]:
        inner = self._call.__await__()
        task = asyncio.current_task()
        assert task is not None
        resume: Callable[[], Any] = partial(inner.send, None)
        while True:
            self.is_waiting = False
            try:
                awaited = resume()
            except StopIteration as end:
                result: T = end.value
                return result
            self.is_waiting = True
            self.points.append(_path(self._call))
            self._suspended(task, awaited)
            try:
                value = yield awaited
            except BaseException as error:  # noqa: BLE001 - passed to the call
                resume = partial(inner.throw, error)
            else:
                resume = partial(inner.send, value)

    def _suspended(self, task: asyncio.Task[Any], awaited: Any) -> None:
        """Cancel *task* if this suspension, on *awaited*, is the chosen one."""
        number = len(self.points) - 1
        if self._moment is Moment.INSISTENT and self.was_cancelled:
            task.cancel()
        if number != self._cancel_at:
            return
        if self._moment is Moment.LATER:
            loop = asyncio.get_running_loop()
            loop.call_later(_DELAY, self._cancel_late, task, number)
        elif self._moment is Moment.ARRIVED and isinstance(awaited, asyncio.Future):
            # is called before the task's own callback, which resumes the task
            awaited.add_done_callback(lambda _: self._cancel(task))
        else:
            self._cancel(task)

    def _cancel_late(self, task: asyncio.Task[Any], number: int) -> None:
        if self.is_waiting and len(self.points) - 1 == number:
            self._cancel(task)

    def _cancel(self, task: asyncio.Task[Any]) -> None:
        self.was_cancelled = True
        task.cancel()


def _path(awaiting: object) -> tuple[str, ...]:
    """Return the names of the nested coroutines in *awaiting*, outermost first."""
    names: list[str] = []
    while isinstance(awaiting, CoroutineType):
        names.append(awaiting.__qualname__)
        awaiting = awaiting.cr_await
    return tuple(names)


class LoopThread:
    """An event loop that runs in another thread until the block ends."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="loop thread")
        self._stack = AsyncExitStack()

    def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enter *manager* in the thread; it is exited at the end of the block."""
        return self.run(self._stack.enter_async_context(manager))

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run *call* in the thread, and return its result."""
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(10)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.run(self._stack.aclose())
            self.run(self._loop.shutdown_default_executor())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()
