"""Checks for leaks with a million calls and 100,000 streams, successful and failed.

Some calls fail at their first attempt, are rejected, lose their connection or are
cancelled. Some streams are truncated, are not read to their end or are cancelled.

Run::

    python benchmarks/soak.py [--unary N] [--streams N] [--seconds S] [--trace]

Ctrl-C, or ``--seconds``, ends the run early. ``--trace`` prints the source lines that
hold more memory at the end than after a tenth of the run. Columns, one row after each
hundredth of the calls:

* ``done``: number of calls
* ``memory``: resident memory in MiB
* ``files``: open file descriptors
* ``tasks``: asyncio tasks
* ``objects``: objects that the garbage collector tracks

Then the outcomes of the calls are printed. The exit status is 1 if an outcome was not
the expected one, or if a file descriptor or task is left.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import signal
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import clients
import cpu_affinity
import server

_MIB: Final = 1 << 20
_GOAL: Final = 5.0  # MiB that memory may grow by after the first tenth
_SAMPLES: Final = 100
_BODY: Final = b"x" * 100

# of 100 calls or streams: number, endpoint, expected outcome
_UNARY: Final = (
    (86, "bytes-100", "success"),
    (4, "fails-once", "success"),
    (4, "fails-400", "UnknownServiceError"),
    (2, "ends", "ConnectionLostError"),
    (4, "bytes-1000", "cancelled"),
)
_STREAMS: Final = (
    (82, "parts-5x20", "success"),
    (6, "parts-50x2000", "left"),
    (4, "cut", "TruncatedBodyError"),
    (4, "fails-400", "UnknownServiceError"),
    (4, "parts-5x20", "cancelled"),
)


@dataclass(frozen=True)
class _Sample:
    """Resources of the process after *done* calls."""

    done: int
    memory: float
    descriptors: int
    tasks: int
    objects: int


def _memory() -> float:
    """Return the resident memory in MiB; without ``/proc``, the peak."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        pages = int(statm.read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / _MIB
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MIB


def _descriptors() -> int:
    folder = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    return len(list(folder.iterdir()))


def _sample(done: int) -> _Sample:
    gc.collect()
    tasks, objects = len(asyncio.all_tasks()), len(gc.get_objects())
    return _Sample(done, _memory(), _descriptors(), tasks, objects)


async def _unary(client: Any, endpoint: str) -> str:
    await client.invoke_endpoint(endpoint_name=endpoint, body=_BODY)
    return "success"


async def _stream(client: Any, endpoint: str) -> str:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name=endpoint, body=_BODY
    ) as stream:
        async for _ in stream:
            if endpoint == "parts-50x2000":
                return "left"
    return "success"


async def _cancelled(call: Awaitable[str], turns: int) -> str:
    """Cancel *call* after a number of *turns* of the event loop."""
    task = asyncio.ensure_future(call)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return "cancelled"


@dataclass
class _Phase:
    """The calls of one operation, with their outcomes and samples."""

    name: str
    total: int
    call: Callable[[Any, str], Awaitable[str]]
    mix: tuple[tuple[int, str, str], ...]
    samples: list[_Sample]
    outcomes: Counter[str]
    unexpected: Counter[str]

    def schedule(self) -> list[tuple[str, str]]:
        """Return endpoint and outcome of 100 calls, in mixed order."""
        flat = [(end, out) for count, end, out in self.mix for _ in range(count)]
        return [flat[(37 * number) % len(flat)] for number in range(len(flat))]

    async def run(
        self, client: Any, in_flight: int, is_over: Callable[[], bool]
    ) -> None:
        """Make the calls, *in_flight* at a time."""
        numbers = iter(range(self.total))
        # a sample collects all garbage, which takes as long as fifty calls
        plan, step = self.schedule(), max(100, self.total // _SAMPLES)
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(self._work(client, numbers, plan, step, is_over))
        self.samples.append(_sample(self.total))

    async def _work(
        self,
        client: Any,
        numbers: Iterator[int],
        plan: list[tuple[str, str]],
        step: int,
        is_over: Callable[[], bool],
    ) -> None:
        for number in numbers:
            if is_over():
                return
            endpoint, expected = plan[number % len(plan)]
            outcome = await self._outcome(client, endpoint, expected, number)
            self.outcomes[outcome] += 1
            if outcome != expected:
                self.unexpected[f"{outcome} for {endpoint}"] += 1
            if number and number % step == 0:
                self._take_sample(number)

    async def _outcome(
        self, client: Any, endpoint: str, expected: str, number: int
    ) -> str:
        call = self.call(client, endpoint)
        try:
            if expected == "cancelled":
                return await _cancelled(call, number // len(self.mix) % 30)
            return await call
        except Exception as error:  # noqa: BLE001 - all are counted
            return type(error).__name__

    def _take_sample(self, number: int) -> None:
        self.samples.append(sample := _sample(number))
        if len(self.samples) % (_SAMPLES // 10) == 0:
            _print_row(self.name, sample)

    def growth(self) -> float:
        """Return the MiB that memory grew by after the first tenth."""
        memory = [sample.memory for sample in self.samples]
        few = max(1, len(memory) // 30)
        tenth = len(memory) // 10
        return median(memory[-few:]) - median(memory[tenth : tenth + few])


def _print_row(name: str, sample: _Sample) -> None:
    print(
        f"{name:8} {sample.done:9,} {sample.memory:9.1f} {sample.descriptors:6} "
        f"{sample.tasks:6} {sample.objects:9,}",
        flush=True,
    )


async def _soak(arguments: argparse.Namespace, url: str) -> list[_Phase]:
    phases = [
        _Phase("unary", arguments.unary, _unary, _UNARY, [], Counter(), Counter()),
        _Phase(
            "streams", arguments.streams, _stream, _STREAMS, [], Counter(), Counter()
        ),
    ]
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopped.set)
    end = time.monotonic() + arguments.seconds

    def is_over() -> bool:
        return stopped.is_set() or time.monotonic() > end

    print("calls         done   memory  files  tasks   objects")
    for phase in phases:
        client = clients.sagemaker_rt(url, max_connections=arguments.in_flight)
        before = _sample(0)
        async with client:
            await phase.run(client, arguments.in_flight, is_over)
        await asyncio.sleep(
            0.1
        )  # sockets are closed in the next turns of the event loop
        phase.samples.append(after := _sample(phase.total))
        for what in ("descriptors", "tasks"):
            if getattr(after, what) > getattr(before, what):
                phase.unexpected[f"{what} left"] += 1
    return phases


def _report(phases: list[_Phase]) -> int:
    """Print the outcomes, and return the exit status."""
    for phase in phases:
        done = sum(phase.outcomes.values())
        print(f"\n{phase.name}: {done:,} of {phase.total:,}")
        for outcome, count in phase.outcomes.most_common():
            print(f"  {count:9,} {outcome}")
        print(
            f"  memory grew by {phase.growth():+.1f} MiB after the first tenth", end=""
        )
        print(f" (goal: {_GOAL:g})")
        for what, count in phase.unexpected.items():
            print(f"  UNEXPECTED: {count:,} {what}")
    return int(any(phase.unexpected for phase in phases))


def _trace(before: tracemalloc.Snapshot) -> None:
    after = tracemalloc.take_snapshot()
    print("\nlines that hold more memory than after the first tenth:")
    for line in after.compare_to(before, "lineno")[:15]:
        print(f"  {line}")


def _main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--unary", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    cpu_affinity.pin_to_client_core(os.getpid())
    with server.running() as url:
        if not arguments.trace:
            return _report(asyncio.run(_soak(arguments, url)))
        tracemalloc.start()
        first = argparse.Namespace(**vars(arguments))
        first.unary, first.streams = arguments.unary // 10, arguments.streams // 10
        asyncio.run(_soak(first, url))
        before = tracemalloc.take_snapshot()
        status = _report(asyncio.run(_soak(arguments, url)))
        _trace(before)
        return status


if __name__ == "__main__":
    raise SystemExit(_main())
