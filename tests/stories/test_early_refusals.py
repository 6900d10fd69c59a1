"""A server answers before it has read a large body, and closes the connection."""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
import uvloop

from sagemaker_rt import Client, Credentials, ServiceError
from sagemaker_rt.interfaces import HTTPClientName
from tests.stories.http_clients import NAMES
from tests.transport.certificates import self_signed

CALLS: Final = 20
MEBIBYTE: Final = 1 << 20


def refusal(status: int) -> bytes:
    return (
        f"HTTP/1.1 {status} No\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
        "x-amzn-RequestId: r-1\r\n\r\nno"
    ).encode()


def refuse(
    connection: socket.socket,
    answer: bytes,
    bytes_read: int,
    context: ssl.SSLContext | None,
) -> None:
    """Read a part of the request, send *answer* as a whole, and close."""
    # otherwise the answer would wait until the client confirms earlier TLS records
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError):
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        while bytes_read:
            bytes_read -= len(connection.recv(min(bytes_read, 4096)))
        connection.sendall(answer)
    connection.close()


@contextmanager
def refusing_server(
    answer: bytes, bytes_read: int, context: ssl.SSLContext | None
) -> Iterator[int]:
    """Run a server with one thread for each connection, and yield its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            arguments = (connection, answer, bytes_read, context)
            threading.Thread(target=refuse, args=arguments).start()

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


async def statuses(
    client: Client, new_body: Callable[[], bytes | io.BytesIO]
) -> list[object]:
    """Make all calls; return the status, code and request id of each."""
    found: list[object] = []
    for _ in range(CALLS):
        try:
            await client.invoke_endpoint(endpoint_name="m", body=new_body())
        except ServiceError as error:
            found.append((error.http_status, error.request_id))
        except Exception as error:  # noqa: BLE001 - it is compared
            found.append(repr(error))
    return found


@pytest.mark.parametrize(
    ("loop", "is_tls"),
    [
        pytest.param(asyncio.new_event_loop, False, id="asyncio"),
        pytest.param(asyncio.new_event_loop, True, id="asyncio-TLS"),
        pytest.param(uvloop.new_event_loop, False, id="uvloop"),
        pytest.param(uvloop.new_event_loop, True, id="uvloop-TLS"),
    ],
)
@pytest.mark.parametrize("kind", ["bytes", "file"])
@pytest.mark.parametrize("http_client", NAMES)
@pytest.mark.parametrize(
    ("size", "bytes_read", "status"),
    [
        (300_000, 4096, 413),
        (300_000, 65_536, 403),
        (5 * MEBIBYTE, 4096, 413),
        (5 * MEBIBYTE, 65_536, 503),
    ],
)
def test_the_answer_to_a_request_that_was_not_read_is_delivered(  # noqa: PLR0913 - a product
    loop: Callable[[], asyncio.AbstractEventLoop],
    tmp_path: Path,
    *,
    kind: str,
    size: int,
    bytes_read: int,
    status: int,
    is_tls: bool,
    http_client: HTTPClientName,
) -> None:
    context, trusted = (
        self_signed(tmp_path, address="127.0.0.1") if is_tls else (None, None)
    )
    data = bytes(size)

    def new_body() -> bytes | io.BytesIO:
        return data if kind == "bytes" else io.BytesIO(data)

    async def run(port: int) -> list[object]:
        client = Client(
            region="us-east-1",
            endpoint_url=f"http{'s' * is_tls}://127.0.0.1:{port}",
            credentials=Credentials("AKIDEXAMPLE", "a-secret"),
            environ={},
            max_attempts=1,
            ssl_context=trusted,
            http_client=http_client,
        )
        async with client:
            return await statuses(client, new_body)

    with (
        refusing_server(refusal(status), bytes_read, context) as port,
        asyncio.Runner(loop_factory=loop) as runner,
    ):
        found = runner.run(run(port))

    assert found == [(status, "r-1")] * CALLS
