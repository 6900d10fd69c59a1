from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self, TypeAlias

import pytest
import uvloop

from sagemaker_rt.errors import ConnectionLostError
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.transport.aiohttp_client import AiohttpClient
from sagemaker_rt.transport.native.client import NativeClient
from sagemaker_rt.transport.tcp_info import bytes_acked
from tests.transport.certificates import self_signed
from tests.transport.pools import HTTPClients, idle_sockets
from tests.transport.servers import OK, facts

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="TCP_INFO is only on Linux"
)

Connection: TypeAlias = socket.socket
End: TypeAlias = Callable[[Connection], None]

LOOPS: Final = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def read_request(connection: Connection) -> None:
    head = b""
    while b"\r\n\r\n{}" not in head:
        head += connection.recv(1 << 16)


def close(connection: Connection) -> None:
    """End the connection before the next request, which cannot be delivered then."""
    connection.close()


def shut_tls_down(connection: Connection) -> None:
    """End the connection with a TLS close_notify."""
    assert isinstance(connection, ssl.SSLSocket)
    connection.settimeout(0)
    with contextlib.suppress(ssl.SSLWantReadError):  # of the client
        connection.unwrap()
    connection.close()


def reset(connection: Connection) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class StaleServer:
    """A server that ends its first connection after one response.

    It runs in a thread, so that it ends the connection while the event loop is blocked.
    """

    def __init__(self, end: End, context: ssl.SSLContext | None) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._end = end
        self._context = context
        self._thread = threading.Thread(target=self._serve)
        self.may_end = threading.Event()
        scheme = "http" if context is None else "https"
        port = self._listening.getsockname()[1]
        self.endpoint = Endpoint(f"{scheme}://127.0.0.1:{port}")

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            self._answer(self._end)
            self._answer(close)

    def _answer(self, end: End) -> None:
        connection, _ = self._listening.accept()
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection:
            read_request(connection)
            connection.sendall(OK)
            assert self.may_end.wait(5)
            end(connection)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_end.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


def idle_socket(client: HTTPClients) -> int:
    """Return the descriptor of the one connection in the pool."""
    (connected,) = idle_sockets(client)
    return connected.fileno()


async def ask(client: HTTPClients, server: StaleServer) -> bytes:
    response = await client.send(Request(endpoint=server.endpoint, body=b"{}"))
    return await response.body.read(1000)


async def ask_twice(
    client: HTTPClients, server: StaleServer, *, ends_at_once: bool
) -> bytes:
    """Send two requests; the second on a connection that has ended, without a poll."""
    await ask(client, server)
    server.may_end.set()
    if ends_at_once:
        end = select.poll()
        end.register(idle_socket(client), select.POLLIN)
        assert end.poll(5_000)
    return await ask(client, server)


Contexts: TypeAlias = tuple[ssl.SSLContext, ssl.SSLContext]


def second_answer(
    end: End,
    loop: str,
    contexts: Contexts | None,
    *,
    ends_at_once: bool = True,
    client_class: type[HTTPClients] = AiohttpClient,
) -> bytes | ConnectionLostError:
    """Return the response to a request on a connection that was ended, or its error."""
    server_context, client_context = contexts or (None, None)

    async def call() -> bytes:
        with StaleServer(end, server_context) as server:
            async with client_class(ssl_context=client_context) as client:
                return await ask_twice(client, server, ends_at_once=ends_at_once)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        try:
            return runner.run(call())
        except ConnectionLostError as error:
            return error


@pytest.fixture(params=["tcp", "tls"])
def contexts(request: pytest.FixtureRequest, tmp_path: Path) -> Contexts | None:
    return self_signed(tmp_path) if request.param == "tls" else None


@pytest.mark.parametrize(
    ("contexts", "loop"),
    [("tcp", "asyncio"), ("tcp", "uvloop"), ("tls", "asyncio")],
    indirect=["contexts"],
)
def test_a_request_on_a_connection_closed_before_is_undelivered(
    loop: str, contexts: Contexts | None
) -> None:
    failures = [second_answer(close, loop, contexts) for _ in range(3)]

    # on a slow machine, some connections are polled and not reused
    errors = [failed for failed in failures if isinstance(failed, ConnectionLostError)]
    assert errors
    assert {(False, False, True)} == {facts(error) for error in errors}
    assert "before the request was delivered" in str(errors[0])


@pytest.mark.parametrize(
    ("end", "loop"),
    [(close, "uvloop"), (shut_tls_down, "asyncio"), (shut_tls_down, "uvloop")],
)
def test_a_tls_shutdown_may_be_reported_as_a_reset(
    end: End, loop: str, tmp_path: Path
) -> None:
    """TLS answers the shutdown. The server resets that, and the loop may report it."""
    contexts = self_signed(tmp_path)

    failures = [second_answer(end, loop, contexts) for _ in range(3)]

    errors = [failed for failed in failures if isinstance(failed, ConnectionLostError)]
    assert {(False, False, True), (True, True, False)} >= {facts(e) for e in errors}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_reset_is_ambiguous(loop: str, contexts: Contexts | None) -> None:
    """Unless the event loop has read it before anything was written."""
    failures = [second_answer(reset, loop, contexts) for _ in range(3)]

    errors = [failed for failed in failures if isinstance(failed, ConnectionLostError)]
    assert errors
    unwritten = [error for error in errors if "before the request was" in str(error)]
    ambiguous = [error for error in errors if error not in unwritten]
    assert {(False, False, True)} >= {facts(error) for error in unwritten}
    assert {(True, True, False)} >= {facts(error) for error in ambiguous}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("end", [close, reset])
def test_the_native_client_proves_more(
    end: End, loop: str, contexts: Contexts | None
) -> None:
    """A write that fails at once has sent nothing, even if the reason is a reset."""
    failures = [
        second_answer(end, loop, contexts, client_class=NativeClient) for _ in range(3)
    ]

    errors = [failed for failed in failures if isinstance(failed, ConnectionLostError)]
    assert errors
    assert {(False, False, True)} == {facts(error) for error in errors}


def read_and_close(connection: Connection) -> None:
    read_request(connection)
    connection.close()


def answer_in_part(connection: Connection) -> None:
    read_request(connection)
    connection.sendall(b"H")
    connection.close()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("end", [read_and_close, answer_in_part])
def test_a_request_that_was_received_is_ambiguous(
    end: End,
    loop: str,
    contexts: Contexts | None,
    client_class: type[HTTPClients],
) -> None:
    failed = second_answer(
        end, loop, contexts, ends_at_once=False, client_class=client_class
    )

    assert isinstance(failed, ConnectionLostError)
    assert (True, True, False) == facts(failed)


async def test_acknowledged_bytes_are_counted() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(1000))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server:
        address = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address)
        before = bytes_acked(writer.transport)
        writer.write(bytes(1000))
        await reader.readexactly(1000)
        after = bytes_acked(writer.transport)
        writer.close()
        await writer.wait_closed()

    assert before is not None
    assert after is not None
    assert 1000 == after - before
    assert bytes_acked(writer.transport) is None


class OtherTransport(asyncio.Transport):
    """A transport over a socket that is not TCP, or over none."""

    def __init__(self, socket: object) -> None:
        super().__init__({"socket": socket})


def test_other_sockets_have_no_count() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert bytes_acked(OtherTransport(one)) is None
    assert bytes_acked(OtherTransport(None)) is None
    assert bytes_acked(None) is None


def test_an_old_kernel_has_no_count() -> None:
    class Old:
        def getsockopt(self, level: int, option: int, size: int) -> bytes:
            return bytes(104)

    assert bytes_acked(OtherTransport(Old())) is None
