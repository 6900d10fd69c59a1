"""Fuzz the client: ``python -m tests.fuzz --cases 1000000``.

Of all cases, 35 % are event-stream frames, 20 % are streams of frames read by the
client, 10 % are streams over HTTP/2, 10 % are error documents, 15 % are responses over
real connections, and 10 % are inputs. The command to repeat a failure is printed:
``--replay TARGET SEED CASE``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Final

from tests.fuzz.engine import NAMES, Report, chunks, run

SHARES: Final[Mapping[str, int]] = {
    "frames": 35,
    "events": 20,
    "http2": 10,
    "errors": 10,
    "responses": 15,
    "inputs": 10,
}
_CHUNK: Final = 5_000
_PROGRESS_INTERVAL: Final = 50_000


def _fuzz(names: list[str], cases: int, seed: int, processes: int) -> int:
    shares = sum(SHARES[name] for name in names)
    reports = {name: Report(name) for name in names}
    started_at, done = time.monotonic(), 0
    with ProcessPoolExecutor(processes) as pool:
        jobs = [
            pool.submit(run, target, seed, numbers)
            for name in names
            for target, numbers in chunks(name, cases * SHARES[name] // shares, _CHUNK)
        ]
        for job in as_completed(jobs):
            report = job.result()
            reports[report.target] += report
            done += sum(report.outcomes.values())
            if done % _PROGRESS_INTERVAL < _CHUNK:
                seconds = time.monotonic() - started_at
                print(f"{done:,} cases, {seconds:.0f} s", file=sys.stderr, flush=True)
    for report in reports.values():
        print(report)
    return int(any(report.failures for report in reports.values()))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", choices=NAMES, action="append")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--replay", nargs=3, metavar=("TARGET", "SEED", "CASE"))
    arguments = parser.parse_args(argv)
    if arguments.replay:
        target, seed, case = arguments.replay
        report = run(target, int(seed), [int(case)])
        print(report)
        return int(bool(report.failures))
    names = arguments.target or [*SHARES]
    return _fuzz(names, arguments.cases, arguments.seed, arguments.processes)


if __name__ == "__main__":
    sys.exit(main())
