"""Lets a command end in order at the first signal."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

__all__ = ["stop_on_signals"]


@contextmanager
def stop_on_signals(
    on_stop: Callable[[], object] | None = None,
) -> Generator[asyncio.Event]:
    """Yield an event that the first SIGINT or SIGTERM sets.

    The second signal acts as without this function. On Windows, and outside the main
    thread, no signal is handled.

    Args:
        on_stop: Is called when the event is set.
    """
    stop = asyncio.Event()
    is_main = threading.current_thread() is threading.main_thread()
    if sys.platform == "win32" or not is_main:
        yield stop  # the loop has no signal handlers there
        return
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    numbers = (signal.SIGINT, signal.SIGTERM)

    def restore() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGINT, before)

    def on_signal() -> None:
        stop.set()
        restore()
        if on_stop is not None:
            on_stop()

    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield stop
    finally:
        restore()
