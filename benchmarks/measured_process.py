"""The side of a benchmark that is measured: one variant, in a process of its own.

A script is both sides. Started as ``script variant NAME ARGUMENTS``, it runs the
variant of that name, which calls one of the functions here; `rounds` starts it like
that, and talks with it in lines: the variant says what it is made of, then for every
line with a number of seconds it makes calls for so long, and answers what they cost.

Only the standard library is imported here: a peer's environment has nothing else.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from time import perf_counter, process_time
from typing import Any, Final

__all__ = ["in_flight", "in_threads", "one_by_one", "start"]

_SHOWN: Final = {
    "aiobotocore": "aiobotocore",
    "aiohttp": "aiohttp",
    "aws_requests_auth": "aws-requests-auth",
    "boto3": "boto3",
    "botocore": "botocore",
    "sagemaker_rt": "sagemaker-rt",
}
"""The modules whose releases are worth telling, and the distributions they are from."""


def start(main: Callable[[], None], *variants: Callable[..., Any]) -> None:
    """Run *main*, or, in a process that `rounds` started, the variant it asks for."""
    if sys.argv[1:2] != ["variant"]:
        main()
        return
    name, arguments = sys.argv[2], json.loads(sys.argv[3])
    by_name = {variant.__name__: variant for variant in variants}
    running = by_name[name](**arguments)
    if inspect.iscoroutine(running):
        asyncio.run(running)


async def in_flight(call: Callable[[], Awaitable[object]], tasks: int) -> None:
    """Measure *call*, with so many *tasks* that make one after the other."""

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
        _answer(calls, cpu, wall)


def in_threads(call: Callable[[], object], threads: int) -> None:
    """Measure *call*, which blocks, from so many *threads*."""

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
            _answer(calls, cpu, wall)


def one_by_one(call: Callable[[], object]) -> None:
    """Measure *call*, which computes and never waits."""
    for seconds in _commands():
        cpu, wall = process_time(), perf_counter()
        calls = 0
        while not calls or perf_counter() < wall + seconds:
            call()
            calls += 1
        _answer(calls, cpu, wall)


def _commands() -> Iterator[float]:
    """Yield how many seconds each slice is to take, until standard input ends.

    It blocks, also on an event loop: between slices nothing is to run.
    """
    made_of = {
        distribution: metadata.version(distribution)
        for module, distribution in _SHOWN.items()
        if module in sys.modules
    }
    print(json.dumps(made_of), flush=True)
    for line in sys.stdin:
        yield float(line)


def _answer(calls: int, cpu: float, wall: float) -> None:
    """Say what a slice cost that began at *cpu* and *wall*."""
    spent = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
    print(json.dumps({"calls": calls, **spent}), flush=True)
