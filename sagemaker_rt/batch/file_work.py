"""Work with files in threads, which is never left behind.

A thread cannot be cancelled. If the task that waits for it went on, the thread would
still change files, or open and lock them, when the next run of the job starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, Protocol, TypeVar

from sagemaker_rt.inference.task_end import end_of

__all__ = ["in_thread_to_end", "opened"]

P = ParamSpec("P")
T = TypeVar("T")


class _Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=_Closable | None)


async def in_thread_to_end(
    function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run *function* in a thread; cancellation waits for its end."""
    task = asyncio.create_task(asyncio.to_thread(function, *args, **kwargs))
    await end_of(task)
    return task.result()


@asynccontextmanager
async def opened(
    function: Callable[P, C], *args: P.args, **kwargs: P.kwargs
) -> AsyncGenerator[C]:
    """Run *function* in a thread, and close what it returns at the end of the block.

    If the caller is cancelled while the function runs, its result is closed too.
    """
    task = asyncio.create_task(asyncio.to_thread(function, *args, **kwargs))
    try:
        await end_of(task)
        yield task.result()
    finally:
        if task.exception() is None and (result := task.result()) is not None:
            result.close()
