"""Measures memory and delays of the event loop while a large body is sent or received.

Each client makes a few calls, one after the other, with a body of 25 MiB in one
direction and 100 bytes in the other. A task measures how late its timers are.

Run::

    python benchmarks/large_bodies.py [--quick] [--only VARIANT,…]

Columns:

* ``memory ÷ body``: growth of the memory of the process, including the body itself
* ``p99 ms``, ``max ms``: the 99th percentile, and the largest, of the delays
* ``goal``: the largest values that are allowed
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from statistics import quantiles
from time import perf_counter
from typing import Any, Final

import clients
import comparison
import interpreters
import measured_process
import server

_SIZE: Final = 25 << 20
_SMALL: Final = 100
_INTERVAL: Final = 0.001
_MAX_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
_VARIANTS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("sagemaker_rt", "sagemaker_rt", {}),
    ("sagemaker_rt, aiohttp", "sagemaker_rt", {"http_client": "aiohttp"}),
    ("aiobotocore", "aiobotocore", {}),
)
_DIRECTIONS: Final = {"sent": (_SIZE, _SMALL), "received": (_SMALL, _SIZE)}


async def sagemaker_rt(
    url: str, sent: int, received: int, calls: int, http_client: str = "native"
) -> None:
    """Measure this library."""
    async with clients.sagemaker_rt(url, http_client=http_client) as client:

        async def call(body: bytes, size: int) -> None:
            await client.invoke_endpoint(endpoint_name=f"bytes-{size}", body=body)

        await _measure(call, sent, received, calls)


async def aiobotocore(url: str, sent: int, received: int, calls: int) -> None:
    """Measure aiobotocore."""
    async with clients.aiobotocore(url) as client:

        async def call(body: bytes, size: int) -> None:
            name = f"bytes-{size}"
            response = await client.invoke_endpoint(EndpointName=name, Body=body)
            await response["Body"].read()

        await _measure(call, sent, received, calls)


async def _measure(call: Any, sent: int, received: int, calls: int) -> None:
    await call(b"", _SMALL)
    before = _max_rss()
    body = b"x" * sent
    delays: list[float] = []
    watching = asyncio.create_task(_watch(delays))
    for _ in range(calls):
        await call(body, received)
    watching.cancel()
    print(json.dumps({"memory": (_max_rss() - before) / _SIZE, "delays": delays}))


async def _watch(delays: list[float]) -> None:
    while True:
        started_at = perf_counter()
        await asyncio.sleep(_INTERVAL)
        delays.append(perf_counter() - started_at - _INTERVAL)


def _max_rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAX_RSS_UNIT


def main() -> None:
    """Print a table for each direction."""
    settings = comparison.settings(__doc__, rounds=20)
    header = ("", "memory ÷ body", "p99 ms", "max ms", "goal")
    for direction, (sent, received) in _DIRECTIONS.items():
        rows = []
        for name, function, more in _VARIANTS:
            if settings.only and function not in settings.only:
                continue
            with server.running() as url:
                sizes = {"sent": sent, "received": received, "calls": settings.rounds}
                result = _run(function, {"url": url, **sizes, **more}, settings)
            delays = result["delays"]
            rows.append(
                (
                    name,
                    f"{result['memory']:.2f}",
                    f"{quantiles(delays, n=100, method='inclusive')[-1] * 1000:.1f}",
                    f"{max(delays) * 1000:.1f}",
                    "≤ 1.1, ≤ 15" if name == "sagemaker_rt" else "",
                )
            )
        print(f"\nA body of 25 MiB is {direction}\n")
        print(comparison.table(header, rows))
    print(f"\n{comparison.platform()}, {settings.rounds} calls")


def _run(
    function: str, arguments: dict[str, Any], settings: comparison.Settings
) -> dict[str, Any]:
    python = interpreters.python_for(function, settings.peers)
    command = [python, sys.argv[0], "variant", function, json.dumps(arguments)]
    run = subprocess.run(  # noqa: S603 - the script itself
        command, env=interpreters.environment(), stdout=subprocess.PIPE, check=True
    )
    result: dict[str, Any] = json.loads(run.stdout)
    return result


if __name__ == "__main__":
    measured_process.start(main, sagemaker_rt, aiobotocore)
