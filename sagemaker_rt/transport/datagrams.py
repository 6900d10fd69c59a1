"""Datagrams to somebody who may or may not listen."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import Any, Final, TypeAlias

__all__ = ["DatagramSender", "Place"]

_log = logging.getLogger(__name__)

_MAX_WAITING: Final = 64


Place: TypeAlias = tuple[int, tuple[Any, ...]]
"""The family of a socket, and what it sends to."""


def _look_up(host: str, port: int) -> Place:
    """Return where *host* is; blocks."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, _, _, _, address = found[0]
    return family, address


class DatagramSender:
    """Send datagrams to *host* and *port*; nothing waits, and nothing is raised.

    Every datagram has a socket of its own, so that there is none to close, and none
    that belongs to an event loop or to a process. A host that is a name is looked up in
    a thread, and again if that fails; the last 64 datagrams wait for it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        look_up: Callable[[str, int], Place] = _look_up,
    ) -> None:
        self._look_up: Final = partial(look_up, host, port)
        self._place: Place | None = _literal(host, port)
        self._waiting: Final = deque[bytes](maxlen=_MAX_WAITING)
        self._looking: asyncio.Future[Place] | None = None

    def send(self, datagram: bytes) -> None:
        """Send *datagram*, now or when the host is known; needs a running loop."""
        if self._place is not None:
            _send(datagram, self._place)
            return
        self._waiting.append(datagram)
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.get_loop() is not loop:
            self._looking = loop.run_in_executor(None, self._look_up)
            self._looking.add_done_callback(self._found)

    def _found(self, looking: asyncio.Future[Place]) -> None:
        self._looking = None
        if looking.cancelled():
            return
        if (error := looking.exception()) is not None:
            _log.debug("nobody is told of calls: %s", error)
            return
        self._place = looking.result()
        while self._waiting:
            _send(self._waiting.popleft(), self._place)


def _literal(host: str, port: int) -> Place | None:
    """Return where *host* is, if it is an address and no name."""
    try:
        version = ip_address(host).version
    except ValueError:
        return None
    family = socket.AF_INET if version == 4 else socket.AF_INET6  # noqa: PLR2004 - of IP
    return family, (host, port)


def _send(datagram: bytes, place: Place) -> None:
    family, address = place
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(datagram, address)
    except OSError as error:  # full buffers, no such network, too many files
        _log.debug("nobody is told of a call: %s", error)
