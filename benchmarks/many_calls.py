"""Measures `Client.invoke_many`: its throughput, and its memory over 100,000 calls.

``gather`` is what is written by hand: ``asyncio.gather`` over calls that share a
semaphore. It makes a task for each call at the start. All variants call a local server,
with 64 calls in flight.

Run::

    python benchmarks/many_calls.py [--quick] [--only VARIANT,…] [--rounds N]

Columns of the first table:

* ``CPU µs/call``: CPU time of the client process
* ``calls/s``: throughput
* ``÷ gather``: throughput divided by that of ``gather``, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach

The second table shows how much the resident memory grows at most over all calls, after
a hundredth of them as warm-up.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import clients
import comparison
import interpreters
import measured_process
import server

_IN_FLIGHT: Final = 64
_BATCH: Final = 250
_ITEMS: Final = 100_000
_QUICK_ITEMS: Final = 2000
_GOAL: Final = 0.9
_MEMORY_GOAL: Final = 20  # MiB
_MIB: Final = 1 << 20
_BODY: Final = b"x" * 100
_ENDPOINT: Final = "bytes-100"


def _bodies(count: int, on_input: Callable[[int], None]) -> Iterator[bytes]:
    for number in range(count):
        on_input(number)
        yield _BODY


def _ignore(number: int) -> None:
    """Do nothing with the number of an input."""


async def _gather(client: Any, count: int, on_input: Callable[[int], None]) -> None:
    semaphore = asyncio.Semaphore(_IN_FLIGHT)

    async def call(number: int) -> Any:
        async with semaphore:
            on_input(number)
            return await client.invoke_endpoint(endpoint_name=_ENDPOINT, body=_BODY)

    await asyncio.gather(*(call(number) for number in range(count)))


async def _invoke_many(
    client: Any, count: int, on_input: Callable[[int], None], *, ordered: bool = True
) -> None:
    results = 0
    async with client.invoke_many(
        _bodies(count, on_input),
        endpoint_name=_ENDPOINT,
        concurrency=_IN_FLIGHT,
        ordered=ordered,
    ) as calls:
        async for _ in calls:
            results += 1
    if results != count:
        message = f"{count} inputs have {results} results"
        raise SystemExit(message)


async def _unordered(client: Any, count: int, on_input: Callable[[int], None]) -> None:
    await _invoke_many(client, count, on_input, ordered=False)


_WAYS: Final = {
    "gather": _gather,
    "invoke_many": _invoke_many,
    "unordered": _unordered,
}


async def throughput(url: str, way: str) -> None:
    """Measure batches of calls."""
    async with clients.sagemaker_rt(url) as client:
        await measured_process.measure_batches(
            lambda size: _WAYS[way](client, size, _ignore), _BATCH
        )


async def memory(url: str, way: str, items: int) -> None:
    """Print by how many MiB the resident memory grows at most."""
    samples: list[float] = []

    def sample(number: int) -> None:
        if number % (items // 100) == 0:
            samples.append(_memory())

    async with clients.sagemaker_rt(url) as client:
        await _WAYS[way](client, items // 100, _ignore)
        before = _memory()
        await _WAYS[way](client, items, sample)
        samples.append(_memory())
    print(max(samples) - before)


def _memory() -> float:
    """Return the resident memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _growth(url: str, way: str, items: int) -> float:
    arguments = json.dumps({"url": url, "way": way, "items": items})
    run = subprocess.run(  # noqa: S603 - this script
        [sys.executable, __file__, "variant", "memory", arguments],
        env=interpreters.environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(run.stdout)


def main() -> None:
    """Print both tables."""
    settings = comparison.settings(__doc__, rounds=40)
    ways = [way for way in _WAYS if not settings.only or way in settings.only]
    is_quick = settings.warm_up == 0
    items = _QUICK_ITEMS if is_quick else _ITEMS
    with server.running() as url:
        variants = [
            comparison.Variant(
                way,
                "throughput",
                "sagemaker_rt",
                {"url": url, "way": way},
                None if way == "gather" else _GOAL,
            )
            for way in ways
        ]
        title = f"Batches of {_BATCH:,} calls, {_IN_FLIGHT} in flight"
        all_variants = replace(settings, only=frozenset())  # selected above
        comparison.compare(title, variants, all_variants, by_throughput=True)
        rows = [
            (
                way,
                f"{_growth(url, way, items):.1f}",
                "" if way == "gather" else f"≤ {_MEMORY_GOAL}",
            )
            for way in ways
        ]
    print(f"\nGrowth of memory over {items:,} calls\n")
    print(comparison.table(("", "MiB", "goal"), rows))


if __name__ == "__main__":
    measured_process.start(main, throughput, memory)
