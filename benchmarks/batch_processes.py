r"""Measures a batch job in several processes: rows per second, CPU time, and memory.

The processes are workers of a `LocalCluster` of Dask on this machine, and the job is
`sagemaker_rt.batch.dask.run`. They call the server of ``server.py``, which only finds
the end of each request, so that it is not the bottleneck; its processes use the same
machine. A row is a line of JSON of 100 bytes. At the end, the script checks that the
output has each row once.

Before the job, jobs of a few rows take turns with a ``gather`` that is written by hand
with aiobotocore (see ``batch.py``): its CPU time per row is divided by that of all
workers, with what Dask costs there.

Run::

    nice python benchmarks/batch_processes.py [--rows 1000000] [--processes N]

    sagemaker-rt emulator --port 9100 --quiet --access-key AKIDEXAMPLE \
        --secret-key wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY \
        --model bytes-100=sagemaker_rt.emulator:echo &
    nice python benchmarks/batch_processes.py --rounds 0 --url http://127.0.0.1:9100

Columns of the second table, one row after 10 %, 50 % and 100 % of the rows:

* ``rows/s``: since the row before
* ``CPU µs/row``: CPU time of all workers, since the row before
* ``worker MiB``: resident memory of the largest worker
* ``here MiB``: resident memory of the process that runs the job, with Dask's scheduler
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import batch
import comparison
import interpreters
import measured_process
import server
from clients import REGION

_IN_FLIGHT: Final = 64
_PART_ROWS: Final = 5000
_SAMPLE_ROWS: Final = 5000
_GATHER_SECONDS: Final = 3.0
_GOAL: Final = 4.0
_REPORTED: Final = (0.1, 0.5, 1.0)
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_MIB: Final = 1 << 20


class _Sample(NamedTuple):
    rows: int
    seconds: float
    cpu: float
    """CPU time of all workers, in seconds."""
    worker: float
    """Resident memory of the largest worker, in MiB."""
    here: float


class _Workers:
    """The processes of a cluster."""

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster
        self._pids: list[int] = [*cluster.run(os.getpid).values()]

    def sample(self, rows: int = 0) -> _Sample:
        """Return what the workers have used so far."""
        return _Sample(
            rows,
            time.perf_counter(),
            sum(map(_cpu, self._pids)),
            max(map(_memory, self._pids)),
            _memory(os.getpid()),
        )

    def run(self, folder: Path, rows: int) -> list[_Sample]:
        """Run a job; return samples before it, and after the reported shares."""
        source, output = folder / "in.jsonl", folder / "out.jsonl"
        batch.write_rows(source, rows)
        samples = [self.sample()]

        def report(progress: Any) -> None:
            due = [share * rows for share in _REPORTED[len(samples) - 1 : -1]]
            is_new = samples[-1].rows < progress.done < rows
            if due and is_new and due[0] <= progress.done:
                samples.append(self.sample(progress.done))

        asyncio.run(self._run(source, output, report))
        samples.append(self.sample(rows))
        _check(output, rows)
        return samples

    async def _run(self, source: Path, output: Path, report: Any) -> None:
        from sagemaker_rt.batch import BatchJob  # noqa: PLC0415 - variants lack it
        from sagemaker_rt.batch.dask import run  # noqa: PLC0415 - the same

        job = BatchJob(
            batch.ENDPOINT, source, output, concurrency=_IN_FLIGHT, overwrite=True
        )
        await run(job, self.cluster, part_lines=_PART_ROWS, on_progress=report)


@contextmanager
def _started(url: str, processes: int) -> Generator[_Workers]:
    from distributed import Client, LocalCluster  # noqa: PLC0415 - the same

    start: Any = LocalCluster
    connect: Any = Client
    environment = interpreters.environment() | {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": url,
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        start(
            n_workers=processes,
            threads_per_worker=2,
            dashboard_address=":0",
            local_directory=folder,
            env=environment,
        ) as workers,
        connect(workers) as cluster,
    ):
        yield _Workers(cluster)


def _cpu(pid: int) -> float:
    """Return the CPU time of a process in seconds."""
    # the name of the program may have spaces
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _check(output: Path, rows: int) -> None:
    """Check that the output has each row once."""
    found = bytearray(rows)
    with output.open("rb") as lines:
        for line in lines:
            number = int(line[len(b'{"line":') : line.index(b",")])
            if found[number - 1]:
                message = f"row {number} is in the output twice"
                raise SystemExit(message)
            found[number - 1] = 1
    if not all(found):
        message = f"{found.count(0)} rows are not in the output"
        raise SystemExit(message)


def _compare(
    workers: _Workers, folder: Path, url: str, settings: argparse.Namespace
) -> None:
    """Print the ratio of the CPU times, from jobs in turns with those of the peer."""
    peer = comparison.Variant(
        "gather", "throughput", "aiobotocore", {"url": url, "way": "gather"}
    )
    ours, theirs, ratios = [], [], []
    with comparison.Running(peer, settings.peers) as gather:
        gather.get_ready()
        for number in range(-1, settings.rounds):
            before, *_, after = workers.run(folder, settings.sample_rows)
            cost = gather.run(_GATHER_SECONDS)
            if number < 0:  # warm-up
                continue
            ours.append((after.cpu - before.cpu) / after.rows)
            theirs.append(cost.cpu / cost.calls)
            ratios.append(theirs[-1] / ours[-1])
    ratio, spread = comparison.spread(ratios)
    rows = [
        ("workers", f"{median(ours) * 1e6:,.0f}", "1.00", "", ""),
        ("gather", f"{median(theirs) * 1e6:,.0f}", ratio, spread, f"≥ {_GOAL}"),
    ]
    header = ("", "CPU µs/row", "÷ workers", "p10 to p90", "goal")
    title = f"{settings.rounds} jobs of {settings.sample_rows:,} rows, in turns"
    print(f"\n{title}\n\n{comparison.table(header, rows)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=10, help="0: do not compare")
    parser.add_argument("--sample-rows", type=int, default=_SAMPLE_ROWS)
    parser.add_argument(
        "--peer", metavar="PYTHON", help="interpreter that has aiobotocore"
    )
    parser.add_argument(
        "--url", help="server to call, such as an emulator; default: server.py"
    )
    arguments = parser.parse_args()
    if arguments.rounds == 1:
        parser.error("--rounds must be 0, or at least 2 for a spread")
    arguments.peers = {} if arguments.peer is None else {"aiobotocore": arguments.peer}
    return arguments


def main() -> None:
    """Print both tables."""
    settings = _arguments()
    with ExitStack() as stack:
        url = settings.url or stack.enter_context(server.running())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workers = stack.enter_context(_started(url, settings.processes))
        if settings.rounds:
            _compare(workers, folder, url, settings)
        samples = workers.run(folder, settings.rows)
    rows = [
        (
            f"{after.rows:,}",
            f"{(after.rows - before.rows) / (after.seconds - before.seconds):,.0f}",
            f"{(after.cpu - before.cpu) / (after.rows - before.rows) * 1e6:,.0f}",
            f"{after.worker:.1f}",
            f"{after.here:.1f}",
        )
        for before, after in pairwise(samples)
    ]
    title = f"A job of {settings.rows:,} rows in {settings.processes} processes"
    header = ("rows", "rows/s", "CPU µs/row", "worker MiB", "here MiB")
    print(f"\n{title}, {_IN_FLIGHT} calls in flight\n")
    print(comparison.table(header, rows))
    print(f"\n{comparison.platform()}")


if __name__ == "__main__":
    measured_process.start(main, batch.throughput)
