"""A call that is followed from one suspension to the next, and cancelled at one.

The servers that it talks to are best elsewhere, so that whatever is left in its own
event loop is its own.
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

__all__ = ["Elsewhere", "Moment", "Stepped"]

T = TypeVar("T")

_A_WHILE: Final = 0.004  # seconds: what was begun is under way then


class Moment(Enum):
    """When, at a suspension, the cancellation comes."""

    AT_ONCE = "as soon as the call waits"
    LATER = "when it has waited for a while, if it still does"
    ARRIVED = "when what it waits for has come, and it has not gone on yet"
    INSISTENT = "at once, and at each further suspension again"


class Stepped(Generic[T]):
    """Awaits *call*, and cancels the task that it is in at suspension *cancel_at*.

    A suspension is a place where the call gives way to the event loop: each of them is
    met, and no other, in the task that awaits this object.

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
        """Where the call was suspended: functions, from the outermost inwards."""
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
            except BaseException as error:  # noqa: BLE001 - whatever comes goes in
                resume = partial(inner.throw, error)
            else:
                resume = partial(inner.send, value)

    def _suspended(self, task: asyncio.Task[Any], awaited: Any) -> None:
        """Cancel *task*, which is about to wait for *awaited*, if its time has come."""
        number = len(self.points) - 1
        if self._moment is Moment.INSISTENT and self.was_cancelled:
            task.cancel()
        if number != self._cancel_at:
            return
        if self._moment is Moment.LATER:
            loop = asyncio.get_running_loop()
            loop.call_later(_A_WHILE, self._cancel_late, task, number)
        elif self._moment is Moment.ARRIVED and isinstance(awaited, asyncio.Future):
            # comes before the task's own callback, which lets it go on
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
    """Return the names of the functions that wait for each other inside *awaiting*."""
    names: list[str] = []
    while isinstance(awaiting, CoroutineType):
        names.append(awaiting.__qualname__)
        awaiting = awaiting.cr_await
    return tuple(names)


class Elsewhere:
    """An event loop in a thread of its own, for as long as the block lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="elsewhere")
        self._stack = AsyncExitStack()

    def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enter *manager* there; it is left when the block is."""
        return self.run(self._stack.enter_async_context(manager))

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Return the result of *call*, which runs there."""
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
