"""Limits how many connections are in use, in the order of the requests.

aiohttp has such limits too. Here the wait is apart from connecting, so that each has
its own time limit.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from math import inf

__all__ = ["ConnectionLimits"]


class ConnectionLimits:
    """Places for connections in use; for one event loop.

    Args:
        total: The maximum number of places; 0 for no limit.
        per_host: The maximum number of places for one host; 0 for no limit.
    """

    def __init__(self, total: int, per_host: int) -> None:
        self._total = total or inf
        self._per_host = per_host or inf
        self._in_use = 0
        self._in_use_by_host: Counter[str] = Counter()
        self._waiters: deque[tuple[str, asyncio.Future[None]]] = deque()

    @property
    def waiting(self) -> int:
        """The number of requests that wait for a place."""
        return len(self._waiters)

    def take_now(self, host: str) -> bool:
        """Take a place for a connection to *host*, if there is one."""
        if not self._has_place(host):
            return False
        self._add(host)
        return True

    async def take(self, host: str) -> None:
        """Take a place for a connection to *host*, as soon as there is one.

        The caller gives it back by `free`.
        """
        if self.take_now(host):
            return
        waiter = host, asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter[1]
        except BaseException:
            if waiter[1].cancelled():
                self._waiters.remove(waiter)
            else:  # the place was granted before the request was cancelled
                self.free(host)
            raise

    def free(self, host: str) -> None:
        """Give a place for a connection to *host* back."""
        self._add(host, -1)
        if self._waiters:
            self._grant()

    def _has_place(self, host: str) -> bool:
        if self._in_use >= self._total:
            return False
        return self._per_host == inf or self._in_use_by_host[host] < self._per_host

    def _add(self, host: str, number: int = 1) -> None:
        self._in_use += number
        if self._per_host < inf:
            self._in_use_by_host[host] += number
            if not self._in_use_by_host[host]:
                del self._in_use_by_host[host]

    def _grant(self) -> None:
        """Give free places to the requests that wait the longest."""
        for waiter in tuple(self._waiters):
            host, turn = waiter
            if self._in_use >= self._total:
                return
            if self._has_place(host) and not turn.done():
                self._waiters.remove(waiter)
                self._add(host)
                turn.set_result(None)
