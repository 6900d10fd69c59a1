"""Datagrams to somebody who may or may not listen."""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from threading import Thread
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
    a thread of its own, and again if that fails; the last 64 datagrams wait for it. A
    look-up that hangs holds nobody up: neither the event loop's threads nor the end of
    the program.
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
        self._looking: Thread | None = None

    def send(self, datagram: bytes) -> None:
        """Send *datagram*, now or when the host is known."""
        self._waiting.append(datagram)
        if self._place is not None:
            self._flush(self._place)
        elif self._looking is None or not self._looking.is_alive():
            self._looking = Thread(target=self._find, name=__name__, daemon=True)
            try:
                self._looking.start()
            except RuntimeError as error:  # no more threads
                _log.debug("nobody is told of calls: %s", error)
                self._looking = None

    def _find(self) -> None:
        """Look the host up, and send what waits for that."""
        try:
            place = self._look_up()
        except (OSError, ValueError) as error:  # not known, or no name at all
            _log.debug("nobody is told of calls: %s", error)
            return
        self._flush(place)
        self._place = place
        self._flush(place)  # what came in between

    def _flush(self, place: Place) -> None:
        with suppress(IndexError):  # by which two threads part them
            while True:
                _send(self._waiting.popleft(), place)


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
