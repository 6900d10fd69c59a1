from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.batch.appended_file import AppendedFile
from sagemaker_rt.batch.dask.worker_plugin import (
    PartOutcome,
    PartTask,
    WorkerClient,
    _picklable,
    end_parts,
)
from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.part_files import read_commit
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import BatchStoppedError
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.batch_statistics import BatchCounts
from sagemaker_rt.sansio.batch_totals import Finished
from tests.batch.dask.clusters import Model
from tests.process_state import replaced_environment


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def plugin(model: Model) -> AsyncIterator[WorkerClient]:
    sent = WorkerClient("run", Options(), 2, is_adaptive=False)
    received: WorkerClient = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own
    async with Emulator(models={"m": model}) as emulator:
        pairs = {name: value for name, value in environment(emulator) if value}
        with replaced_environment(pairs):
            await received.setup(None)
            yield received
            await received.teardown(None)


@pytest.fixture
def task(tmp_path: Path) -> PartTask:
    source = tmp_path / "in.jsonl"
    source.write_text("1\n2\n3\n4\n5\n")
    job = BatchJob("m", source, tmp_path / "000000.jsonl", resume=True)
    return PartTask("run", 0, InputPart(4, 10, 2), job, 60.0)


def ignore(report: object) -> None:
    pass


async def test_a_part_is_called_and_committed(
    plugin: WorkerClient, task: PartTask, model: Model
) -> None:
    reports: list[tuple[object, ...]] = []

    outcome = await plugin.call(task, reports.append)
    again = await plugin.call(task, reports.append)

    assert [b"3", b"4", b"5"] == sorted(model.bodies)
    assert (BatchCounts(3, 0, 0, 6, 0), True) == (outcome.counts, outcome.is_complete)
    assert BatchCounts(skipped=3, skipped_bytes=6) == again.counts
    assert Finished(3, 0) == read_commit(task.job)
    assert 0 == reports[-1][0]
    assert outcome.counts == pickle.loads(pickle.dumps(outcome)).counts  # noqa: S301 - our own


async def test_parts_on_a_worker_share_its_limit(
    plugin: WorkerClient, task: PartTask, model: Model, tmp_path: Path
) -> None:
    other = BatchJob("m", task.job.input, tmp_path / "000001.jsonl", resume=True)

    model.gate = asyncio.Event()
    running = asyncio.gather(
        plugin.call(task, ignore),
        plugin.call(PartTask("run", 1, InputPart(0, 4), other, 60.0), ignore),
    )
    while model.in_flight < 2:  # noqa: ASYNC110 - the emulator has no such event
        await asyncio.sleep(0)
    model.gate.set()
    await running

    assert (5, 2) == (len(model.bodies), model.most)


async def test_a_part_waits_for_a_lost_attempt(
    plugin: WorkerClient, task: PartTask, model: Model
) -> None:
    lost = AppendedFile(Path(task.job.output))
    running = asyncio.create_task(plugin.call(task, ignore))
    done, _ = await asyncio.wait([running], timeout=0.1)
    assert (set(), []) == (done, model.bodies)

    lost.close()

    assert (await running).is_complete


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_parts_end_on_request(
    plugin: WorkerClient, task: PartTask, model: Model, *, is_cancelled: bool
) -> None:
    model.gate = asyncio.Event()
    running = asyncio.create_task(plugin.call(task, ignore))
    await model.called.wait()

    worker: Any = SimpleNamespace(plugins={"run": plugin})
    await end_parts("other", is_cancelled, worker)
    await end_parts("run", is_cancelled, worker)
    if not is_cancelled:
        model.gate.set()
    outcome = await running

    assert (False, None) == (outcome.is_complete, outcome.cause)
    assert None is read_commit(task.job)
    model.gate.set()


async def test_a_part_has_a_deadline(
    plugin: WorkerClient, task: PartTask, model: Model
) -> None:
    model.gate = asyncio.Event()
    late = PartTask(task.plugin, 0, task.part, task.job, 0.05)

    outcome: PartOutcome = await plugin.call(late, ignore)

    assert isinstance(outcome.cause, TimeoutError)
    assert not outcome.is_complete
    model.gate.set()


def test_a_cause_that_does_not_pickle_is_replaced() -> None:
    error = BatchStoppedError("full")
    assert error is _picklable(error)
    error.summary = open
    assert error is _picklable(error)
    error.summary = lambda: None
    assert "BatchStoppedError: full" == str(_picklable(error))
    assert None is _picklable(None)
