"""A batch job runs on the processes of a Dask cluster, some of which are killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from distributed import Client as Cluster
from distributed import LocalCluster

from sagemaker_rt.batch import BatchJob, BatchProgress
from sagemaker_rt.batch.dask import run
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from tests.cli.running import variables

LINES: Final = 1000


class Model:
    """Echoes numbers, counts calls in flight, and kills a process after some calls."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self.in_flight = self.most = 0
        self.kill_after = -1
        self.pids: list[int] = []

    async def __call__(self, request: InvocationRequest) -> bytes:
        number = json.loads(request.body)["n"]
        self.calls[number] += 1
        self.kill_after -= 1
        if not self.kill_after:
            os.kill(self.pids.pop(), signal.SIGKILL)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        if number % 50 == 7:
            raise ModelFailure(400, "bad input")
        return request.body


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def cluster(model: Model, tmp_path: Path) -> AsyncIterator[Cluster]:
    start: Any = LocalCluster  # it has no annotations
    connect: Any = Cluster
    async with (
        Emulator(models={"m": model}) as emulator,
        start(
            n_workers=2,
            threads_per_worker=2,
            processes=True,
            asynchronous=True,
            dashboard_address=":0",
            env=variables(emulator),
            local_directory=str(tmp_path / "dask"),
        ) as workers,
        connect(workers, asynchronous=True) as cluster,
    ):
        yield cluster


def job_in(path: Path, **options: Any) -> BatchJob:
    source = path / "in.jsonl"
    source.write_text("".join(f'{{"n": {n}}}\n' for n in range(LINES)))
    return BatchJob("m", source, path / "out.jsonl", **options)


def numbers(path: Path) -> list[int]:
    return [json.loads(line)["input"]["n"] for line in path.read_text().splitlines()]


async def test_each_line_has_one_result_although_a_worker_is_killed(
    cluster: Any, model: Model, tmp_path: Path
) -> None:
    model.pids = [*(await cluster.run(os.getpid)).values()]
    model.kill_after = 333
    reports: list[BatchProgress] = []
    job = job_in(tmp_path, concurrency=16)

    summary = await run(job, cluster, part_lines=100, on_progress=reports.append)

    good = [n for n in range(LINES) if n % 50 != 7]
    assert good == sorted(numbers(tmp_path / "out.jsonl"))
    failures = numbers(tmp_path / "out.failed.jsonl")
    assert [7 + 50 * n for n in range(LINES // 50)] == sorted(failures)
    assert (len(good), len(failures)) == (summary.done, summary.failed)
    assert (0, 0) == (summary.skipped, summary.failed_before)
    assert 16 >= model.most
    # calls that were in flight when the worker died are repeated
    assert 8 >= sum(model.calls.values()) - LINES
    assert LINES == reports[-1].done + reports[-1].failed
    assert not (tmp_path / "out.jsonl.parts").exists()
