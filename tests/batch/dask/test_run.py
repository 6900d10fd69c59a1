from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch import BatchJob, BatchProgress
from sagemaker_rt.batch import run as run_here
from sagemaker_rt.batch.dask import run
from sagemaker_rt.batch.dask.cluster_run import TooManyFailures
from sagemaker_rt.batch.dask.worker_plugin import WorkerClient
from sagemaker_rt.errors import BatchStoppedError, ParamValidationError
from sagemaker_rt.identity import Credentials
from sagemaker_rt.options import Options
from tests.batch.dask.clusters import Folder, Model, cluster_of

CREDENTIALS = Credentials("a", "b")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def cluster(model: Model) -> AsyncIterator[Any]:
    async with cluster_of(model) as cluster:
        yield cluster


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


async def test_parts_become_the_output_in_their_order(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text("".join(f"{n}\n" for n in range(25)) + '"bad"\n1\n')
    reports: list[BatchProgress] = []
    job = folder.job(ordered=True, concurrency=4)

    summary = await run(job, cluster, part_lines=10, on_progress=reports.append)

    assert [*range(1, 26), 27] == folder.lines()
    assert [26] == folder.failed_lines()
    assert (26, 1, True) == (summary.done, summary.failed, summary.is_complete)
    assert (26, 1, 1.0) == (reports[-1].done, reports[-1].failed, reports[-1].fraction)
    assert not folder.parts.exists()
    assert 4 >= model.most


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("in.jsonl", b'1\n\n{"a": 2}\nbroken\n5', {}),
        ("in.jsonl", b'1\n{"a": 2}\n3\n', {"join": "transform"}),
        ("in.csv", b'a,b\n1,"x\ny"\n3,4\n5\n', {"join": "csv", "header": True}),
        (
            "in.jsonl",
            b'{"custom_id": "a", "url": "/", "body": {}}\nbroken\n',
            {"format": "openai"},
        ),
    ],
    ids=["jsonlines", "transform", "csv", "openai"],
)
async def test_the_output_is_that_of_a_job_on_one_machine(
    cluster: Any, folder: Folder, name: str, content: bytes, options: dict[str, Any]
) -> None:
    folder.input = folder.path / name
    folder.input.write_bytes(content)
    job = folder.job(ordered=True, **options)

    first = await run_here(job)
    expected = sorted(folder.path.iterdir())
    contents = [path.read_bytes() for path in expected]
    for path in expected:
        if path != folder.input:
            path.unlink()
    summary = await run(job, cluster, part_lines=2)

    assert expected == sorted(folder.path.iterdir())
    if options != {"format": "openai"}:  # IDs of requests are random
        assert contents == [path.read_bytes() for path in expected]
    assert (first.done, first.failed) == (summary.done, summary.failed)


async def test_files_of_a_folder_are_split_too(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input = folder.path / "in"
    folder.input.mkdir()
    for number in range(5):
        (folder.input / f"{number}.txt").write_text(str(number))

    summary = await run(folder.job(), cluster, part_lines=2)

    assert 5 == summary.done
    assert [b"0", b"1", b"2", b"3", b"4"] == sorted(model.bodies)
    with pytest.raises(ParamValidationError, match="inside"):
        await run(
            folder.job(overwrite=True).__class__(
                "m", folder.input, folder.input / "out"
            ),
            cluster,
        )


async def test_equal_lines_are_called_as_often_as_they_are_there(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text("1\n" * 8)

    summary = await run(folder.job(concurrency="auto"), cluster, part_lines=2)

    assert (8, [b"1"] * 8) == (summary.done, model.bodies)


async def test_a_job_that_was_stopped_is_resumed_without_repeated_calls(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text("".join(f"{n}\n" for n in range(20)))
    model.gate, stop = asyncio.Event(), asyncio.Event()
    job = folder.job(concurrency=4)
    running = asyncio.create_task(run(job, cluster, part_lines=5, stop=stop))
    await model.called.wait()

    stop.set()
    while not all(plugin._stop.is_set() for plugin in plugins_of(cluster)):  # noqa: ASYNC110 - workers have no such event
        await asyncio.sleep(0)
    model.gate.set()
    with pytest.raises(BatchStoppedError) as caught:
        await running

    called = len(model.bodies)
    assert called == caught.value.summary.done
    assert 4 >= called
    with pytest.raises(ParamValidationError, match="exists"):
        await run(job, cluster)
    summary = await run(folder.job(resume=True), cluster)
    assert (20 - called, called) == (summary.done, summary.skipped)
    assert 20 == len(model.bodies)
    assert [*range(1, 21)] == sorted(folder.lines())


def plugins_of(cluster: Any) -> list[WorkerClient]:
    """Return the plugins of the workers, which are in this process."""
    workers = cluster.cluster.workers.values()
    plugins = [plugin for worker in workers for plugin in worker.plugins.values()]
    return [plugin for plugin in plugins if isinstance(plugin, WorkerClient)]


async def test_failures_are_retried_on_this_machine_when_the_output_is_finished(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text('1\n"bad"\n3\n')
    await run(folder.job(), cluster, part_lines=1)
    model.is_mended = True

    with pytest.raises(ParamValidationError, match="exists"):
        await run(folder.job(), cluster)
    summary = await run(folder.job(retry_failed=True), cluster)

    assert (1, 0, 2) == (summary.done, summary.failed, summary.skipped)
    assert [1, 2, 3] == sorted(folder.lines())
    assert not folder.failures.exists()
    assert 4 == len(model.bodies)


async def test_failures_of_committed_parts_are_retried(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text('1\n"bad"\n3\n"bad"\n')
    with pytest.raises(BatchStoppedError) as caught:
        await run(folder.job(max_failures=0, concurrency=1), cluster, part_lines=2)
    assert isinstance(caught.value.__cause__, TooManyFailures)
    model.is_mended = True

    summary = await run(folder.job(retry_failed=True), cluster)

    assert 4 == summary.done + summary.skipped
    assert [1, 2, 3, 4] == sorted(folder.lines())
    assert not folder.failures.exists()


async def test_a_new_run_replaces_an_output(cluster: Any, folder: Folder) -> None:
    folder.input.write_text("1\n2\n")
    folder.output.write_text("old\n")

    await run(folder.job(overwrite=True), cluster)

    assert [1, 2] == sorted(folder.lines())


async def test_an_endpoint_that_does_not_exist_stops_the_job(
    cluster: Any, folder: Folder
) -> None:
    folder.input.write_text("1\n" * 50)
    job = BatchJob("other", folder.input, folder.output)

    with pytest.raises(BatchStoppedError) as caught:
        await run(job, cluster, part_lines=5)

    assert "ValidationError" == type(caught.value.__cause__).__name__
    assert (0, False) == (caught.value.summary.done, caught.value.summary.is_complete)


async def test_a_part_that_takes_too_long_stops_the_job(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text("1\n")
    model.gate = asyncio.Event()

    with pytest.raises(BatchStoppedError) as caught:
        await run(folder.job(), cluster, part_timeout=0.2)

    assert isinstance(caught.value.__cause__, TimeoutError)


async def test_cancellation_cancels_calls_in_flight(
    cluster: Any, model: Model, folder: Folder
) -> None:
    folder.input.write_text("1\n2\n3\n")
    model.gate = asyncio.Event()
    running = asyncio.create_task(run(folder.job(), cluster, part_lines=1))
    await model.called.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    model.gate.set()
    summary = await run(folder.job(resume=True), cluster)
    assert 3 == summary.done
    assert [1, 2, 3] == sorted(folder.lines())


async def test_wrong_arguments_are_refused(cluster: Any, folder: Folder) -> None:
    folder.input.write_text("1\n")
    options: list[dict[str, Any]] = [
        {"per_worker": 0},
        {"per_worker": True},
        {"part_lines": 0},
        {"part_lines": 1.5},
        {"part_lines": None},
        {"part_timeout": -1},
        {"part_timeout": "60"},
    ]
    for wrong in options:
        with pytest.raises(ParamValidationError, match=next(iter(wrong))):
            await run(folder.job(), cluster, **wrong)
    with pytest.raises(TypeError, match=r"distributed\.Client"):
        await run(folder.job(), None)  # type: ignore[arg-type] # on purpose
    with pytest.raises(TypeError, match="cannot be pickled"):
        await run(folder.job(), cluster, options=Options(credentials=CREDENTIALS))
    with pytest.raises(ParamValidationError, match="custom"):
        await run(folder.job(members={"custom": 1}), cluster)
    folder.input.unlink()
    with pytest.raises(ParamValidationError, match="cannot be read"):
        await run(folder.job(), cluster)
    assert [] == [*folder.path.iterdir()]
