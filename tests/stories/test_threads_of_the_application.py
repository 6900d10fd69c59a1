"""Calls do not depend on the default executor, nor on the interpreter's main thread."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
import uvloop

from sagemaker_rt import Client, Credentials, RequestTimeoutError
from tests.calls_at_exit import call_at_exit
from tests.transport.servers import serve

LOOPS: Final = (asyncio.new_event_loop, uvloop.new_event_loop)
KILOBYTES_400: Final = bytes(400_000)


@asynccontextmanager
async def busy_executor() -> AsyncIterator[None]:
    """Block all threads of the default executor of the event loop."""
    loop, may_end = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    blocked = loop.run_in_executor(None, may_end.wait, 30)
    try:
        yield
    finally:
        may_end.set()
        await blocked


@pytest.mark.parametrize("new_loop", LOOPS)
def test_calls_need_no_thread_of_the_default_executor(
    new_loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path
) -> None:
    async def call() -> list[int]:
        async with busy_executor(), serve() as server:
            client = Client(
                region="us-east-1",
                endpoint_url=f"http://localhost:{server.port}",
                credentials=Credentials("AKIDEXAMPLE", "a-secret"),
                environ={},
                total_timeout=5,
                request_compression="gzip",
            )
            async with client:
                for body in (b"", KILOBYTES_400, io.BytesIO(KILOBYTES_400)):
                    await client.invoke_endpoint(endpoint_name="m", body=body)
                target = client.with_options(response_target=tmp_path / "answer")
                await target.invoke_endpoint(endpoint_name="m", body=b"")
            return [len(request) for request in server.requests]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        sizes = runner.run(call())

    assert 4 == len(sizes)
    assert b"hello" == (tmp_path / "answer").read_bytes()


async def test_total_timeout_includes_reading_the_certificates(tmp_path: Path) -> None:
    """Opening a named pipe waits until something opens it for writing."""
    pipe = tmp_path / "certificates.pem"
    os.mkfifo(pipe)
    client = Client(
        environ={}, ca_bundle=str(pipe), region="us-east-1", total_timeout=0.1
    )

    async with asyncio.timeout(30):
        with pytest.raises(RequestTimeoutError) as raised:
            await client.invoke_endpoint(endpoint_name="m", body=b"")

    assert not raised.value.request_sent
    pipe.write_bytes(b"")  # lets the thread end


@pytest.mark.parametrize(
    "start",
    [
        "atexit.register(run)",
        "run(); atexit.register(run)",
        "threading.Thread(target=late).start()",
        "run(); threading.Thread(target=late).start()",
    ],
)
@pytest.mark.parametrize(
    ("host", "loop"),
    [("localhost", "asyncio"), ("127.0.0.1", "asyncio"), ("localhost", "uvloop")],
)
async def test_calls_succeed_while_the_interpreter_shuts_down(
    start: str, host: str, loop: str
) -> None:
    async with serve() as server:
        url = f"http://{host}:{server.port}"
        printed, errors = await call_at_exit(url, start, loop=loop)

    assert b"" == errors
    calls = 6 if start.startswith("run()") else 3
    assert ["hello"] * calls == printed.decode().split()
