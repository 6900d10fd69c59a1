from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import pytest

from sagemaker_rt.transport.udp_sender import UDPSender


@pytest.fixture
def agent() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as agent:
        agent.bind(("127.0.0.1", 0))
        agent.settimeout(5)
        yield agent


def port_of(agent: socket.socket) -> int:
    return int(agent.getsockname()[1])


async def received(agent: socket.socket, count: int) -> list[bytes]:
    return [await asyncio.to_thread(agent.recv, 65536) for _ in range(count)]


async def test_a_datagram_to_an_ip_address_is_sent_at_once(
    agent: socket.socket,
) -> None:
    sender = UDPSender("127.0.0.1", port_of(agent))

    sender.send(b"one")
    sender.send(b"two")

    agent.setblocking(False)
    assert [b"one", b"two"] == [agent.recv(9), agent.recv(9)]


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_the_address_can_be_ipv6() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as agent:
        try:
            agent.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        agent.settimeout(5)

        UDPSender("::1", port_of(agent)).send(b"six")

        assert [b"six"] == await received(agent, 1)


async def test_datagrams_wait_until_the_name_is_looked_up(agent: socket.socket) -> None:
    hosts: list[str] = []

    def look_up(host: str, port: int) -> tuple[int, tuple[str, int]]:
        hosts.append(host)
        return socket.AF_INET, ("127.0.0.1", port)

    sender = UDPSender("agent", port_of(agent), look_up=look_up)

    sender.send(b"one")
    sender.send(b"two")
    received_first = await received(agent, 2)
    sender.send(b"three")

    assert [b"one", b"two", b"three"] == received_first + await received(agent, 1)
    assert ["agent"] == hosts


async def test_a_name_is_looked_up_by_the_system(agent: socket.socket) -> None:
    sender = UDPSender("localhost", port_of(agent))
    if socket.getaddrinfo("localhost", 1)[0][0] != socket.AF_INET:
        pytest.skip("localhost is an IPv6 address here")

    sender.send(b"one")

    assert [b"one"] == await received(agent, 1)


class Gate:
    """A look-up that returns once the gate is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, host: str, port: int) -> tuple[int, tuple[str, int]]:
        self.opened.wait()
        return socket.AF_INET, ("127.0.0.1", port)


async def test_only_the_newest_datagrams_are_queued(agent: socket.socket) -> None:
    gate = Gate()
    sender = UDPSender("agent", port_of(agent), look_up=gate)

    for number in range(70):
        sender.send(str(number).encode())
    gate.opened.set()
    received_first = await received(agent, 64)

    assert [str(number).encode() for number in range(6, 70)] == received_first


@pytest.mark.parametrize(
    "error", [socket.gaierror("no such name"), UnicodeError("no such name")]
)
async def test_a_failed_look_up_is_repeated(
    agent: socket.socket, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_rt")
    failures = [error]

    def look_up(host: str, port: int) -> tuple[int, tuple[str, int]]:
        if failures:
            raise failures.pop()
        return socket.AF_INET, ("127.0.0.1", port)

    sender = UDPSender("agent", port_of(agent), look_up=look_up)
    sender.send(b"one")
    assert sender._thread is not None
    sender._thread.join()
    sender.send(b"two")

    assert "no such name" in caplog.text
    assert [b"one", b"two"] == await received(agent, 2)


async def test_there_is_one_look_up_at_a_time(agent: socket.socket) -> None:
    gate = Gate()
    sender = UDPSender("agent", port_of(agent), look_up=gate)

    sender.send(b"one")
    thread = sender._thread
    sender.send(b"two")

    assert thread is sender._thread
    gate.opened.set()
    assert [b"one", b"two"] == await received(agent, 2)


HANGING: Final = """
import asyncio, threading
from sagemaker_rt.transport.udp_sender import UDPSender

async def main():
    sender = UDPSender("agent", 1, look_up=lambda *_: threading.Event().wait())
    sender.send(b"one")

asyncio.run(main())
print("over")
"""


def test_a_hanging_look_up_does_not_block_the_exit() -> None:
    run = subprocess.run(
        [sys.executable, "-c", HANGING], capture_output=True, timeout=30, check=True
    )

    assert b"over" == run.stdout.strip()


def test_without_threads_datagrams_are_dropped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_rt")
    sender = UDPSender("agent", 1, look_up=Gate())

    def refuse(thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    sender.send(b"one")

    assert "can't start new thread" in caplog.text


async def test_a_datagram_that_is_too_large_is_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_rt")

    UDPSender("127.0.0.1", 9).send(b"x" * 100_000)  # more than a datagram holds

    assert "a datagram is not sent" in caplog.text


async def test_no_agent_needs_to_listen(agent: socket.socket) -> None:
    port = port_of(agent)
    agent.close()
    sender = UDPSender("127.0.0.1", port)

    sender.send(b"one")
    sender.send(b"two")
