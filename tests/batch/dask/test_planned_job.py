from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.batch.dask.planned_job import PlannedJob, PreparedJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.batch.part_files import commit_part
from sagemaker_rt.client import Client
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.batch_totals import Finished

Prepare = Callable[..., PreparedJob]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    def prepared(**options: Any) -> PreparedJob:
        source = tmp_path / "in.jsonl"
        source.write_text("1\n2\n3\n4\n5\n")
        job = BatchJob("m", source, tmp_path / "out", **options)
        found = planned(job).prepare(LocalCopies(job, None))
        assert found is not None
        found.files.close()
        return found

    return prepared


def planned(job: BatchJob) -> PlannedJob:
    return PlannedJob(job, Options(), None, 2, 60.0)


def test_a_new_job_is_split(prepare: Prepare) -> None:
    prepared = prepare()

    assert [(0, 4), (4, 8), (8, 10)] == [part[:2] for part in prepared.parts]
    assert ([0, 1, 2], 10) == (prepared.left, prepared.size)
    assert [Finished()] * 3 == [*prepared.finished.values()]
    assert Path(prepared.job.input).is_absolute()


def test_parts_that_are_committed_are_not_called_again(prepare: Prepare) -> None:
    files = prepare().files
    commit_part(files.job_of(0, 1), Finished(2, 0))
    commit_part(files.job_of(1, 1), Finished(1, 1))

    resumed = prepare(resume=True)
    retried = prepare(retry_failed=True)

    assert [2] == resumed.left
    assert {0: Finished(2, 0), 1: Finished(1, 1), 2: Finished()} == resumed.finished
    assert [1, 2] == retried.left
    assert {0: Finished(2, 0), 1: Finished(1, 0), 2: Finished()} == retried.finished
    assert None is files.committed(1)


def test_a_finished_output_has_no_parts(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out"
    source.write_text("1\n")
    output.write_text('{"line":1,"input":1,"output":1}\n')
    job = BatchJob("m", source, output, resume=True)

    assert None is planned(job).prepare(LocalCopies(job, None))
    assert [source, output] == sorted(tmp_path.iterdir())


async def test_a_job_is_checked_before_anything_is_written(tmp_path: Path) -> None:
    async with Client(region="eu-west-1") as client:
        wrong = BatchJob("m", tmp_path / "in", tmp_path / "out", members={"a": 1})
        with pytest.raises(ParamValidationError):
            planned(wrong).check(client, LocalCopies(wrong, None))
        inside = BatchJob("m", tmp_path, tmp_path / "out")
        with pytest.raises(ParamValidationError, match="inside"):
            planned(inside).check(client, LocalCopies(inside, None))
