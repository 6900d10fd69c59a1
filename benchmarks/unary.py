"""Measures the CPU time of a call with a complete response, with 16 calls in flight.

Each client sends a body to a local server, and reads a response of the same size.
``sagemaker_rt`` uses its native HTTP client, on asyncio or uvloop, or aiohttp.
``bare`` is ``session.post`` of aiohttp without signing, retries or checks: the cost of
HTTP alone.

Run::

    python benchmarks/unary.py [--quick] [--only VARIANT,…]

Columns, one table for each body size:

* ``CPU µs/call``: CPU time of the client process
* ``calls/s``: throughput
* ``÷ sagemaker_rt``: CPU time divided by that of sagemaker_rt, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

import clients
import comparison
import measured_process
import server

_GOALS: Final = {
    100: {"aiobotocore": 10.0, "bare": 1.6},
    10_240: {"aiobotocore": 8.0, "bare": 1.6},
}


_UVLOOP: Final = {"loop": "uvloop"}
_AIOHTTP: Final = {"http_client": "aiohttp"}
_VARIANTS: Final[tuple[tuple[str, str, str, dict[str, str]], ...]] = (
    ("sagemaker_rt", "sagemaker_rt", "sagemaker_rt", {}),
    ("sagemaker_rt, uvloop", "sagemaker_rt", "sagemaker_rt", _UVLOOP),
    ("sagemaker_rt, aiohttp", "sagemaker_rt", "sagemaker_rt", _AIOHTTP),
    ("bare", "bare", "sagemaker_rt", {}),
    ("aiobotocore", "aiobotocore", "aiobotocore", {}),
    ("boto3", "boto3", "boto3", {}),
)
"""Names in the table, functions, libraries and arguments."""


async def sagemaker_rt(url: str, size: int, http_client: str = "native") -> None:
    """Measure this library."""
    body = b"x" * size

    async def call() -> None:
        await client.invoke_endpoint(
            endpoint_name=f"bytes-{size}", body=body, content_type=clients.MEDIA_TYPE
        )

    async with clients.sagemaker_rt(url, http_client=http_client) as client:
        await measured_process.measure_concurrent(call, clients.IN_FLIGHT)


async def bare(url: str, size: int) -> None:
    """Measure aiohttp alone."""
    body = b"x" * size
    target = f"{url}/endpoints/bytes-{size}/invocations"

    async def call() -> None:
        async with session.post(target, data=body) as response:
            await response.read()

    async with import_module("aiohttp").ClientSession() as session:
        await measured_process.measure_concurrent(call, clients.IN_FLIGHT)


async def aiobotocore(url: str, size: int) -> None:
    """Measure aiobotocore."""
    body = b"x" * size

    async def call() -> None:
        response = await client.invoke_endpoint(
            EndpointName=f"bytes-{size}", Body=body, ContentType=clients.MEDIA_TYPE
        )
        await response["Body"].read()

    async with clients.aiobotocore(url) as client:
        await measured_process.measure_concurrent(call, clients.IN_FLIGHT)


def boto3(url: str, size: int) -> None:
    """Measure boto3, in threads."""
    client = clients.boto3(url)
    body = b"x" * size

    def call() -> None:
        response = client.invoke_endpoint(
            EndpointName=f"bytes-{size}", Body=body, ContentType=clients.MEDIA_TYPE
        )
        response["Body"].read()

    measured_process.measure_threads(call, clients.IN_FLIGHT)


def main() -> None:
    """Print a table for each body size."""
    settings = comparison.settings(__doc__)
    with server.running() as url:
        for size, goals in _GOALS.items():
            arguments = {"url": url, "size": size}
            variants = [
                comparison.Variant(
                    name, function, peer, {**arguments, **more}, goals.get(name)
                )
                for name, function, peer, more in _VARIANTS
            ]
            title = f"A call of {size:,} B each way, {clients.IN_FLIGHT} in flight"
            comparison.compare(title, variants, settings)


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, bare, aiobotocore, boto3)
