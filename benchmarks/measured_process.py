"""Runs one variant of a benchmark in its own process, and measures it.

`comparison` starts the script as ``script variant NAME ARGUMENTS``. The script then
runs the variant with that name, which calls one of the functions here. The processes
exchange lines of text: first, the variant writes the versions of its packages. Then it
reads lines with a number of seconds, makes calls for that time, and writes their cost
as JSON.

This module imports only the standard library, since the environments of other libraries
have no more.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module, metadata
from time import perf_counter, process_time
from typing import Any, Final

__all__ = [
    "measure_batches",
    "measure_concurrent",
    "measure_intervals",
    "measure_sequential",
    "measure_threads",
    "start",
]

_SHOWN: Final = {
    "aiobotocore": "aiobotocore",
    "aiohttp": "aiohttp",
    "aws_requests_auth": "aws-requests-auth",
    "boto3": "boto3",
    "botocore": "botocore",
    "httptools": "httptools",
    "sagemaker_rt": "sagemaker-rt",
    "uvloop": "uvloop",
}
"""Modules whose versions are printed, and their distributions."""


def start(main: Callable[[], None], *variants: Callable[..., Any]) -> None:
    """Run *main*, or the variant that `comparison` selects on the command line.

    The argument ``loop`` names the module of the event loop.
    """
    if sys.argv[1:2] != ["variant"]:
        main()
        return
    name, arguments = sys.argv[2], json.loads(sys.argv[3])
    loop = arguments.pop("loop", "asyncio")
    by_name = {variant.__name__: variant for variant in variants}
    running = by_name[name](**arguments)
    if inspect.iscoroutine(running):
        with asyncio.Runner(loop_factory=import_module(loop).new_event_loop) as runner:
            runner.run(running)


async def measure_concurrent(call: Callable[[], Awaitable[object]], tasks: int) -> None:
    """Measure *call* in concurrent *tasks*, each of which makes calls in sequence."""

    async def keep_calling() -> int:
        calls = 0
        while not calls or perf_counter() < end:
            await call()
            calls += 1
        return calls

    for seconds in _commands():
        cpu, wall = process_time(), perf_counter()
        end = wall + seconds
        calls = sum(await asyncio.gather(*(keep_calling() for _ in range(tasks))))
        _write_cost(calls, cpu, wall)


async def measure_batches(batch: Callable[[int], Awaitable[object]], size: int) -> None:
    """Measure *batch*, which makes the number of calls that it is called with."""
    for seconds in _commands():
        cpu, wall = process_time(), perf_counter()
        calls = 0
        while not calls or perf_counter() < wall + seconds:
            await batch(size)
            calls += size
        _write_cost(calls, cpu, wall)


async def measure_intervals(call: Callable[[], Awaitable[float]]) -> None:
    """Measure *call*, in sequence; the elapsed time is the sum of what it returns."""
    for seconds in _commands():
        cpu, end = process_time(), perf_counter() + seconds
        intervals: list[float] = []
        while not intervals or perf_counter() < end:
            intervals.append(await call())
        _write_cost(len(intervals), cpu, perf_counter() - sum(intervals))


def measure_threads(call: Callable[[], object], threads: int) -> None:
    """Measure *call*, which blocks, in several *threads*."""

    def keep_calling(end: float) -> int:
        calls = 0
        while not calls or perf_counter() < end:
            call()
            calls += 1
        return calls

    with ThreadPoolExecutor(threads) as pool:
        for seconds in _commands():
            cpu, wall = process_time(), perf_counter()
            calls = sum(pool.map(keep_calling, [wall + seconds] * threads))
            _write_cost(calls, cpu, wall)


def measure_sequential(call: Callable[[], object]) -> None:
    """Measure *call*, which does not wait for anything, in sequence."""
    for seconds in _commands():
        cpu, wall = process_time(), perf_counter()
        calls = 0
        while not calls or perf_counter() < wall + seconds:
            call()
            calls += 1
        _write_cost(calls, cpu, wall)


def _commands() -> Iterator[float]:
    """Yield the duration of each measurement in seconds, until standard input ends.

    Reading blocks the event loop, so that nothing runs between measurements.
    """
    versions = {
        distribution: metadata.version(distribution)
        for module, distribution in _SHOWN.items()
        if module in sys.modules
    }
    print(json.dumps(versions), flush=True)
    for line in sys.stdin:
        yield float(line)


def _write_cost(calls: int, cpu: float, wall: float) -> None:
    """Write the cost of *calls* since the times *cpu* and *wall*."""
    spent = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
    print(json.dumps({"calls": calls, **spent}), flush=True)
