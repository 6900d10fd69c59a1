from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.batch.dask.cluster_run import ClusterRun, TooManyFailures
from sagemaker_rt.batch.dask.planned_job import PlannedJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.options import Options
from tests.batch.dask.clusters import Folder, Model, cluster_of


def run_of(job: BatchJob, cluster: Any, **changes: Any) -> ClusterRun:
    planned = PlannedJob(job, Options(), None, 2, 60.0)._replace(**changes)
    prepared = planned.prepare(LocalCopies(job, None))
    assert prepared is not None
    return ClusterRun(planned, prepared, cluster)


@pytest.mark.parametrize(
    ("concurrency", "per_worker", "most"), [(3, None, 3), (100, 1, 2), (1, None, 1)]
)
async def test_calls_in_flight_of_the_cluster_are_bounded(
    tmp_path: Path, concurrency: int, per_worker: int | None, most: int
) -> None:
    folder, model = Folder(tmp_path), Model()
    folder.input.write_text("1\n" * 60)
    async with cluster_of(model) as cluster:
        run = run_of(
            folder.job(concurrency=concurrency), cluster, per_worker=per_worker
        )
        summary = await run.run(None, None)

    assert (60, True) == (summary.done, summary.is_complete)
    assert most >= model.most


async def test_a_job_ends_when_too_many_inputs_failed(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.input.write_text('"bad"\n' * 20)
    async with cluster_of(Model()) as cluster:
        run = run_of(folder.job(concurrency=1, max_failures=3), cluster)
        summary = await run.run(None, None)

    assert isinstance(run.cause, TooManyFailures)
    assert not summary.is_complete
    assert summary.failed < 20


async def test_a_cluster_that_ends_stops_the_job(tmp_path: Path) -> None:
    folder, model = Folder(tmp_path), Model()
    folder.input.write_text("1\n2\n")
    model.gate = asyncio.Event()
    async with cluster_of(model) as cluster:
        run = run_of(folder.job(), cluster)
        running = asyncio.create_task(run.run(None, None))
        await model.called.wait()

        await cluster.close()
        summary = await running

        model.gate.set()

    assert isinstance(run.cause, Exception)
    assert (0, False) == (summary.done, summary.is_complete)
