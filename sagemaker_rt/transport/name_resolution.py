"""Looks up host names in the threads of this library.

The resolver of aiohttp uses the default executor of the event loop, or ``aiodns`` if
that is installed.
"""

from __future__ import annotations

import socket
from typing import Any

import aiohttp

from sagemaker_rt.blocking import in_thread

__all__ = ["new_resolver"]


def new_resolver() -> aiohttp.ThreadedResolver:
    """Return a resolver that asks the operating system."""
    lookups: Any = _Lookups()  # all that the resolver uses of its event loop
    return aiohttp.ThreadedResolver(loop=lookups)


class _Lookups:
    async def getaddrinfo(self, host: str, port: int, **arguments: int) -> list[Any]:
        return await in_thread(socket.getaddrinfo, host, port, **arguments)

    async def getnameinfo(self, address: Any, flags: int) -> tuple[str, str]:
        return await in_thread(socket.getnameinfo, address, flags)
