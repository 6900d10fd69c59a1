"""Makes calls in a program whose interpreter shuts down."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

__all__ = ["call_at_exit"]

_PROGRAM: Final = """
import asyncio, atexit, io, sys, threading, uvloop
from sagemaker_rt import Client, Credentials

async def call():
    client = Client(
        region="us-east-1",
        endpoint_url=sys.argv[1],
        credentials=Credentials("AKIDEXAMPLE", "a-secret"),
        environ={},
    )
    async with client:
        for body in (b"{}", bytes(400_000), io.BytesIO(bytes(400_000))):
            output = await client.invoke_endpoint(endpoint_name="m", body=body)
            print(output.body.decode(), flush=True)

def run():
    (uvloop if sys.argv[2] == "uvloop" else asyncio).run(call())

def late():
    threading.main_thread().join()
    run()

"""


async def call_at_exit(url: str, start: str, *, loop: str) -> tuple[bytes, bytes]:
    """Return what the program prints on standard output and standard error.

    Args:
        start: Python code that calls or schedules ``run()``, which makes three calls,
            or starts a thread with ``late``, which does so after the main thread.
        loop: The module of the event loop: ``asyncio`` or ``uvloop``.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM + start,
        url,
        loop,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        return await process.communicate()
