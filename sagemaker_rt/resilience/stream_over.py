"""Waits for the end of a stream, also of one that is dropped without being closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import finalize

from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_link import StreamLink

__all__ = ["when_over"]


def when_over(
    stream: ResponseStream | StreamLink, function: Callable[[], object]
) -> None:
    """Call *function* once, when *stream* has ended or was dropped.

    After it was dropped, *function* is called by the running event loop; if that is
    closed by then, it is called by the garbage collector, in any thread.
    """
    loop = asyncio.get_running_loop()
    dropped = finalize(stream, _call_later, loop, function)
    dropped.atexit = False

    def end(_: object, __: object) -> None:
        if dropped.detach() is not None:
            function()

    stream.when_ended(end)


def _call_later(
    loop: asyncio.AbstractEventLoop, function: Callable[[], object]
) -> None:
    # the garbage collector may run in any thread, and at any time
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:  # the event loop is closed
        function()
