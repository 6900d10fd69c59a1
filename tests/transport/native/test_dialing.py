from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import uvloop

from sagemaker_rt.http import Endpoint
from sagemaker_rt.transport.native.connection import Wire
from sagemaker_rt.transport.native.dialing import Address, Dialer
from sagemaker_rt.transport.native.native_errors import ProxyRefusedError
from sagemaker_rt.transport.native.route import Routes
from tests.transport.certificates import self_signed
from tests.transport.servers import Peer, full_backlog, open_files, reply, serve

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


def address(port: int, host: str = "127.0.0.1") -> Address:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return family, socket.SOCK_STREAM, 0, "", (host, port)


def refusing(host: str = "127.0.0.1") -> Address:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return address(unused.getsockname()[1], host)


class NamedDialer(Dialer):
    """A dialer that finds the given addresses for each name."""

    def __init__(
        self,
        addresses: Sequence[Address],
        *,
        delay: float = 0.25,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(
            asyncio.get_running_loop(), ssl_context, self.prepare, delay=delay
        )
        self.found = addresses
        self.prepared = 0

    def prepare(self, new: socket.socket) -> None:
        self.prepared += 1

    async def _look_up(self, host: str, port: int) -> Sequence[Address]:
        return self.found


async def dial(dialer: Dialer, url: str = "http://a.example") -> Wire:
    return await dialer.dial(Routes(None).of(Endpoint(url)))


def run(new_loop: Callable[[], asyncio.AbstractEventLoop], test: object) -> None:
    """Run *test*, and check that it leaves no file and no task."""

    async def checked() -> None:
        async with serve():
            pass  # opens what an event loop opens only once
        files = open_files()
        await test()  # type: ignore[operator] # a test
        await asyncio.sleep(0)
        assert files == open_files()
        assert 1 == len(asyncio.all_tasks())

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(checked())


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("refused", [0, 1, 3])
def test_all_addresses_of_a_host_are_tried(
    loop: Callable[[], asyncio.AbstractEventLoop], refused: int
) -> None:
    async def test() -> None:
        async with serve() as server:
            addresses = [refusing() for _ in range(refused)]
            dialer = NamedDialer([*addresses, address(server.port)], delay=60.0)

            wire = await dial(dialer)

            assert server.port == wire.socket.getpeername()[1]
            assert refused + 1 == dialer.prepared
            wire.socket.close()

    run(loop, test)


@pytest.mark.parametrize("loop", LOOPS)
def test_an_address_that_does_not_answer_is_not_waited_for(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def test() -> None:
        async with serve() as server:
            with full_backlog() as port:
                dialer = NamedDialer([address(port), address(server.port)], delay=0.01)

                wire = await dial(dialer)

                assert server.port == wire.socket.getpeername()[1]
                wire.socket.close()

    run(loop, test)


@pytest.mark.parametrize("loop", LOOPS)
def test_the_failures_of_all_addresses_are_reported(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def test() -> None:
        first, second = refusing(), refusing()

        with pytest.raises(OSError, match=r"refused|Connect call") as raised:
            await dial(NamedDialer([first, second], delay=60.0))
        with pytest.raises(ConnectionRefusedError):
            await dial(NamedDialer([first, first], delay=60.0))

        if loop is asyncio.new_event_loop:  # uvloop does not name the address
            assert str(first[4][1]) in str(raised.value)
            assert str(second[4][1]) in str(raised.value)

    run(loop, test)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("turns", range(6))
def test_a_cancelled_race_closes_all_sockets(
    loop: Callable[[], asyncio.AbstractEventLoop], turns: int
) -> None:
    async def test() -> None:
        async with serve() as server:
            with full_backlog() as port:
                addresses = [address(port), address(port), address(server.port)]
                dialing = asyncio.create_task(dial(NamedDialer(addresses, delay=0.0)))
                for _ in range(turns):
                    await asyncio.sleep(0)
                dialing.cancel()
                await asyncio.wait([dialing])
                await asyncio.sleep(0.01)
                if not dialing.cancelled():
                    dialing.result().socket.close()

    run(loop, test)


async def test_a_name_is_looked_up_once_and_its_addresses_take_turns() -> None:
    dialer = Dialer(asyncio.get_running_loop(), None, lambda _: None)

    first = await dialer._look_up("localhost", 1)
    second = await dialer._look_up("localhost", 1)

    assert sorted(map(str, first)) == sorted(map(str, second))
    assert [*first[1:], first[0]] == list(second)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_ip_address_is_not_looked_up(host: str) -> None:
    dialer = Dialer(asyncio.get_running_loop(), None, lambda _: None)

    ((_, _, _, _, (found, port)),) = await dialer._look_up(host, 80)

    assert (host, 80) == (found, port)


async def test_tls_is_counted_in_what_was_sent(tmp_path: Path) -> None:
    server_context, client_context = self_signed(tmp_path)
    async with serve(context=server_context) as server:
        dialer = NamedDialer([address(server.port)], ssl_context=client_context)

        plain = await dial(dialer)
        wire = await dial(dialer, f"https://127.0.0.1:{server.port}")

        assert 0 == plain.sent
        assert wire.sent > 100
        assert wire.tls is not None
        plain.socket.close()
        wire.socket.close()


async def test_a_refusal_of_a_proxy_closes_the_connection() -> None:
    async def refuse(peer: Peer) -> None:
        await peer.send(reply(b"", status="407 Proxy Authentication Required"))

    files = open_files()
    async with serve(refuse, raw=True) as proxy:
        routes = Routes(f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(ProxyRefusedError):
            await NamedDialer([address(proxy.port)]).dial(
                routes.of(Endpoint("https://a.example"))
            )
    assert files == open_files()


async def test_a_proxy_can_use_tls_itself(tmp_path: Path) -> None:
    """The certificate of the proxy must be one that the system trusts."""
    server_context, _ = self_signed(tmp_path)
    async with serve(context=server_context) as proxy:
        routes = Routes(f"https://127.0.0.1:{proxy.port}")
        with pytest.raises(ssl.SSLCertVerificationError):
            await NamedDialer([address(proxy.port)]).dial(
                routes.of(Endpoint("https://a.example"))
            )
