"""Sends UDP datagrams to an agent that may or may not be running."""

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

__all__ = ["SocketAddress", "UDPSender"]

_log = logging.getLogger(__name__)

_MAX_QUEUED: Final = 64
_IPV4: Final = 4


SocketAddress: TypeAlias = tuple[int, tuple[Any, ...]]
"""An address family, and an address of that family."""


def _look_up(host: str, port: int) -> SocketAddress:
    """Return the address of *host*; blocks."""
    results = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, _, _, _, address = results[0]
    return family, address


class UDPSender:
    """Sends datagrams to *host* and *port*, without waiting and without exceptions.

    Each datagram has a new socket: there is nothing to close, and nothing is bound to
    an event loop or process. A host name is looked up in a daemon thread, and again if
    that fails; the last 64 datagrams wait for the result. A look-up that hangs blocks
    neither the executor of the event loop nor the exit of the program.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        look_up: Callable[[str, int], SocketAddress] = _look_up,
    ) -> None:
        self._look_up: Final = partial(look_up, host, port)
        self._address: SocketAddress | None = _ip_address(host, port)
        self._queue: Final = deque[bytes](maxlen=_MAX_QUEUED)
        self._thread: Thread | None = None

    def send(self, datagram: bytes) -> None:
        """Send *datagram*, now or when the host name is resolved."""
        self._queue.append(datagram)
        if self._address is not None:
            self._send_queue(self._address)
        elif self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._resolve, name=__name__, daemon=True)
            try:
                self._thread.start()
            except RuntimeError as error:  # the system has no more threads
                _log.debug("datagrams are not sent: %s", error)
                self._thread = None

    def _resolve(self) -> None:
        """Look the host name up, and send the datagrams that wait for it."""
        try:
            address = self._look_up()
        except (OSError, ValueError) as error:  # unknown, or not a valid host name
            _log.debug("datagrams are not sent: %s", error)
            return
        self._send_queue(address)
        self._address = address
        self._send_queue(address)  # those queued before the address was set

    def _send_queue(self, address: SocketAddress) -> None:
        # Two threads may do this at once; the queue is empty for one of them first.
        with suppress(IndexError):
            while True:
                _send(self._queue.popleft(), address)


def _ip_address(host: str, port: int) -> SocketAddress | None:
    """Return the address of *host*, or None if it is a name."""
    try:
        version = ip_address(host).version
    except ValueError:
        return None
    family = socket.AF_INET if version == _IPV4 else socket.AF_INET6
    return family, (host, port)


def _send(datagram: bytes, address: SocketAddress) -> None:
    family, destination = address
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(datagram, destination)
    except OSError as error:  # full buffers, unreachable network, too many files
        _log.debug("a datagram is not sent: %s", error)
