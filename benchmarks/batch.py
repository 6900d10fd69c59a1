"""Measures batch jobs: rows per second, CPU time, and memory over 50,000 rows.

``gather`` is what is written by hand with aiobotocore: it reads the lines of a file,
calls the model with each of them in ``asyncio.gather``, under a semaphore, and writes a
line of JSON for each response. ``batch`` is `sagemaker_rt.batch.run`, which also writes
each result as soon as it is there, and can be resumed. Both call a local server, with
64 calls in flight. A row is a line of JSON of 100 bytes.

Run::

    python benchmarks/batch.py [--quick] [--only VARIANT,…] [--rounds N]

Columns of the first table:

* ``CPU µs/call``: CPU time of the client process per row
* ``calls/s``: rows per second
* ``÷ batch``: CPU time divided by that of ``batch``, median of all rounds
* ``p10 to p90``: spread of this ratio
* ``goal``: the ratio to reach

The second table shows how much the resident memory grows at most over all rows, after a
hundredth of them as warm-up.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import clients
import comparison
import interpreters
import measured_process
import server

__all__ = ["ENDPOINT", "throughput", "write_rows"]

ENDPOINT: Final = "bytes-100"
_IN_FLIGHT: Final = 64
_BATCH: Final = 1000
_ROWS: Final = 50_000
_QUICK_ROWS: Final = 2000
_GOAL: Final = 4.0
_MEMORY_GOAL: Final = 20  # MiB
_MIB: Final = 1 << 20
_ROW: Final = b'{"inputs": "%s"}\n' % (b"x" * 86)
_PEERS: Final = {"batch": "sagemaker_rt", "gather": "aiobotocore"}


async def _batch(
    client: Any, folder: Path, on_rows: Callable[[], None], input: str
) -> None:
    package = import_module("sagemaker_rt.batch")
    job = package.BatchJob(
        ENDPOINT,
        folder / input,
        folder / "out.jsonl",
        concurrency=_IN_FLIGHT,
        overwrite=True,
    )
    summary = await package.run(job, client=client, on_progress=lambda _: on_rows())
    if not summary.succeeded:
        raise SystemExit(summary.text)


async def _gather(
    client: Any, folder: Path, on_rows: Callable[[], None], input: str
) -> None:
    semaphore = asyncio.Semaphore(_IN_FLIGHT)

    async def call(number: int, line: str, output: Any) -> None:
        async with semaphore:
            response = await client.invoke_endpoint(
                EndpointName=ENDPOINT, Body=line, ContentType="application/json"
            )
            body = await response["Body"].read()
        row = {"line": number, "input": json.loads(line), "output": body.decode()}
        output.write(json.dumps(row) + "\n")
        if number % 500 == 0:
            on_rows()

    path = folder / "gather.jsonl"
    with path.open("w") as output, (folder / input).open() as lines:
        calls = [call(number, line, output) for number, line in enumerate(lines, 1)]
        await asyncio.gather(*calls)


_WAYS: Final = {"batch": _batch, "gather": _gather}


def _client(way: str, url: str) -> Any:
    if way == "gather":
        return clients.aiobotocore(url, max_pool_connections=_IN_FLIGHT)
    return clients.sagemaker_rt(url)


async def throughput(url: str, way: str) -> None:
    """Measure jobs of some rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        async def run(size: int) -> None:
            write_rows(folder / "in.jsonl", size)
            await _WAYS[way](client, folder, lambda: None, "in.jsonl")

        async with _client(way, url) as client:
            await measured_process.measure_batches(run, _BATCH)


async def memory(url: str, way: str, rows: int) -> None:
    """Print by how many MiB the resident memory grows at most."""
    samples: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "few.jsonl", rows // 100)
        write_rows(folder / "all.jsonl", rows)
        async with _client(way, url) as client:
            await _WAYS[way](client, folder, lambda: None, "few.jsonl")
            before = _memory()
            await _WAYS[way](
                client, folder, lambda: samples.append(_memory()), "all.jsonl"
            )
            samples.append(_memory())
    print(max(samples) - before)


def write_rows(path: Path, rows: int) -> None:
    """Write an input."""
    path.write_bytes(_ROW * rows)


def _memory() -> float:
    """Return the resident memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _growth(python: str, url: str, way: str, rows: int) -> float:
    arguments = json.dumps({"url": url, "way": way, "rows": rows})
    run = subprocess.run(  # noqa: S603 - this script
        [python, __file__, "variant", "memory", arguments],
        env=interpreters.environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(run.stdout)


def main() -> None:
    """Print both tables."""
    settings = comparison.settings(__doc__, rounds=20)
    ways = [way for way in _WAYS if not settings.only or way in settings.only]
    rows = _QUICK_ROWS if settings.warm_up == 0 else _ROWS
    with server.running() as url:
        variants = [
            comparison.Variant(
                way,
                "throughput",
                _PEERS[way],
                {"url": url, "way": way},
                None if way == "batch" else _GOAL,
            )
            for way in ways
        ]
        title = f"Jobs of {_BATCH:,} rows, {_IN_FLIGHT} in flight"
        all_variants = replace(settings, only=frozenset())  # selected above
        comparison.compare(title, variants, all_variants)
        lines = []
        for way in ways:
            python = interpreters.python_for(_PEERS[way], settings.peers)
            growth = f"{_growth(python, url, way, rows):.1f}"
            lines.append((way, growth, f"≤ {_MEMORY_GOAL}" if way == "batch" else ""))
    print(f"\nGrowth of memory over {rows:,} rows\n")
    print(comparison.table(("", "MiB", "goal"), lines))


if __name__ == "__main__":
    measured_process.start(main, throughput, memory)
