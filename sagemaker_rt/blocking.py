"""Runs functions that block in threads of this library.

The default executor of the event loop belongs to the application: all its threads can
be busy, and it refuses work while the interpreter shuts down. The threads here are
daemon threads, which run until the end of the process and do not delay it. A thread
that is idle for a few seconds ends.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from threading import Condition, Thread
from typing import Any, Final, ParamSpec, TypeVar

__all__ = ["ThreadPool", "in_thread", "run_in_thread"]

P = ParamSpec("P")
T = TypeVar("T")

_MAX_THREADS: Final = 32
_IDLE_SECONDS: Final = 10.0


class ThreadPool:
    """At most *max_threads* daemon threads; each ends after *idle_seconds* of idleness.

    Threads do not survive a fork, so the pool of a forked process starts without any.
    """

    def __init__(
        self, max_threads: int = _MAX_THREADS, *, idle_seconds: float = _IDLE_SECONDS
    ) -> None:
        self._max_threads = max_threads
        self._idle_seconds = idle_seconds
        self.reset()

    def reset(self) -> None:
        """Forget all threads and all work, as a forked process must."""
        self._condition = Condition()
        self._work: deque[Callable[[], None]] = deque()
        self._threads = 0
        self._idle = 0

    def submit(self, work: Callable[[], None]) -> None:
        """Run *work* in a thread, or here if none can be started; it must not raise.

        Late in the shutdown of the interpreter, no thread can be started.
        """
        with self._condition:
            self._work.append(work)
            if len(self._work) <= self._idle:
                self._condition.notify()
                return
            if self._threads >= self._max_threads or self._can_start_thread():
                return
            if self._threads:
                return  # one that is busy takes the work later
            self._work.pop()
        work()

    def _can_start_thread(self) -> bool:
        """Start a thread; return whether that was possible."""
        try:
            Thread(target=self._run, name="sagemaker_rt", daemon=True).start()
        except RuntimeError:
            return False
        self._threads += 1
        return True

    def _run(self) -> None:
        while (work := self._next_work()) is not None:
            work()
            del work  # an idle thread must not keep a request body

    def _next_work(self) -> Callable[[], None] | None:
        """Return the next work; None if there was none for some time."""
        with self._condition:
            self._idle += 1
            has_work = self._condition.wait_for(
                partial(bool, self._work), self._idle_seconds
            )
            self._idle -= 1
            if has_work:
                return self._work.popleft()
            self._threads -= 1
            return None


_POOL: Final = ThreadPool()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOL.reset)


def run_in_thread(
    function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> asyncio.Future[T]:
    """Start *function* in a thread; return the future of its result.

    Cancelling the future does not stop the function. Its result is then ignored.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    _POOL.submit(partial(_work, loop, future, _Call(function, args, kwargs)))
    return future


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run *function* in a thread with the context variables, and return its result.

    If the task is cancelled, the function runs on, and its result is ignored.
    """
    return await run_in_thread(copy_context().run, _Call(function, args, kwargs))


class _Call:
    """A call of *function* whose repr has no arguments, as a partial's has.

    Tracebacks that show local variables must not show a request body.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self._function = function
        self._args = args
        self._kwargs = kwargs

    def __call__(self) -> Any:
        return self._function(*self._args, **self._kwargs)


def _work(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Any],
    function: Callable[[], Any],
) -> None:
    result, error = None, None
    try:
        result = function()
    except BaseException as raised:  # noqa: BLE001 - it is raised by the future
        error = raised
    with suppress(RuntimeError):  # the event loop is closed: nobody waits
        loop.call_soon_threadsafe(_resolve, future, result, error)


def _resolve(
    future: asyncio.Future[Any], result: object, error: BaseException | None
) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):
        # a future cannot hold it
        replaced = RuntimeError("the function raised StopIteration")
        replaced.__cause__ = error
        error = replaced
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
