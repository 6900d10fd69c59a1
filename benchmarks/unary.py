"""Measures the CPU time of a call with a complete response.

Each client sends a body to a local server, and reads a response of the same size.
``sagemaker_rt`` uses its native HTTP client, on asyncio or uvloop, or aiohttp.
``bare`` is ``session.post`` of aiohttp without signing, retries or checks: the cost of
HTTP alone. 16 calls are in flight, or one, so that its throughput shows the duration of
a call.

Run::

    python benchmarks/unary.py [--quick] [--only VARIANT,…] [--write]

Columns, one table for each case:

* ``CPU µs/call``: CPU time of the client process
* ``calls/s``: throughput
* ``÷ sagemaker_rt``: CPU time divided by that of sagemaker_rt, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach

``--write`` writes the ratios to ``benchmarks/README.md``, to the table of the version
of Python that runs the script, and draws the picture.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import clients
import comparison
import measured_process
import plot
import server


@dataclass(frozen=True)
class _Case:
    """A table."""

    name: str
    size: int
    """Bytes of a request body, and of a response body."""
    goals: Mapping[str, float]
    tls: bool = False
    tasks: int = clients.IN_FLIGHT
    """Calls in flight."""


_CASES: Final = (
    _Case("100 B", 100, {"aiobotocore": 10.0, "bare": 1.6}),
    _Case("10 KB", 10_240, {"aiobotocore": 8.0, "bare": 1.6}),
    _Case("100 B, TLS", 100, {"aiobotocore": 8.0}, tls=True),
    _Case("100 B, 1 in flight", 100, {"bare": 1.0}, tasks=1),
)


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


async def sagemaker_rt(
    url: str, size: int, tasks: int, http_client: str = "native"
) -> None:
    """Measure this library."""
    body = b"x" * size

    async def call() -> None:
        await client.invoke_endpoint(
            endpoint_name=f"bytes-{size}", body=body, content_type=clients.MEDIA_TYPE
        )

    async with clients.sagemaker_rt(url, http_client=http_client) as client:
        await measured_process.measure_concurrent(call, tasks)


async def bare(url: str, size: int, tasks: int) -> None:
    """Measure aiohttp alone."""
    body = b"x" * size
    target = f"{url}/endpoints/bytes-{size}/invocations"

    async def call() -> None:
        async with session.post(target, data=body) as response:
            await response.read()

    async with import_module("aiohttp").ClientSession() as session:
        await measured_process.measure_concurrent(call, tasks)


async def aiobotocore(url: str, size: int, tasks: int) -> None:
    """Measure aiobotocore."""
    body = b"x" * size

    async def call() -> None:
        response = await client.invoke_endpoint(
            EndpointName=f"bytes-{size}", Body=body, ContentType=clients.MEDIA_TYPE
        )
        await response["Body"].read()

    async with clients.aiobotocore(url) as client:
        await measured_process.measure_concurrent(call, tasks)


def boto3(url: str, size: int, tasks: int) -> None:
    """Measure boto3, in threads."""
    client = clients.boto3(url)
    body = b"x" * size

    def call() -> None:
        response = client.invoke_endpoint(
            EndpointName=f"bytes-{size}", Body=body, ContentType=clients.MEDIA_TYPE
        )
        response["Body"].read()

    measured_process.measure_threads(call, tasks)


def main() -> None:
    """Print a table for each case."""
    settings = comparison.settings(__doc__, can_write=True)
    ratios = {case.name: _ratios(case, settings) for case in _CASES}
    if settings.writes:
        plot.write_ratios("{}.{}".format(*sys.version_info), ratios)


def _ratios(case: _Case, settings: comparison.Settings) -> dict[str, float]:
    """Print the table of *case*; return the ratios by the names of the variants."""
    with server.running(tls=case.tls) as url:
        arguments = {"url": url, "size": case.size, "tasks": case.tasks}
        variants = [
            comparison.Variant(
                name, function, peer, {**arguments, **more}, case.goals.get(name)
            )
            for name, function, peer, more in _VARIANTS
        ]
        title = f"A call of {case.size:,} B each way, {case.tasks} in flight"
        costs = comparison.compare(
            f"{title}, TLS" if case.tls else title, variants, settings
        )
    return {name: cost.ratio for name, cost in costs.items()}


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, bare, aiobotocore, boto3)
