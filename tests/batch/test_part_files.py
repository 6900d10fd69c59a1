from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch import BatchJob
from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.part_files import PartFiles, commit_part, read_commit
from sagemaker_rt.batch.result_files import ResultFiles
from sagemaker_rt.errors import ModelError, ParamValidationError
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import BatchAnswer
from sagemaker_rt.sansio.batch_totals import Finished

PARTS = [InputPart(0, 4, 0), InputPart(4, 6, 2)]
MakeJob = Callable[..., BatchJob]


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    def make(**options: Any) -> BatchJob:
        options = {"format": "jsonlines"} | options
        return BatchJob("m", tmp_path / "in", tmp_path / "out.jsonl", **options)

    return make


def write(job: BatchJob, lines: list[int], failed: list[int]) -> None:
    """Write results and failures as a worker does."""
    answer = BatchAnswer(b"1", "application/json", None, 200)
    with ResultFiles(job, Path(job.output), Path(job.failures_in_force)) as files:
        for line in lines:
            files.write_result(record(line), answer)
        for line in failed:
            files.write_failure(record(line), ModelError("bad"))


def record(line: int) -> BatchRecord:
    return BatchRecord(line, None, b"1", b"1", 2, is_json=True)


def started(job: BatchJob) -> PartFiles:
    files = PartFiles(job)
    files.start()
    return files


@pytest.mark.parametrize("join", ["record", "transform"])
def test_parts_become_the_output_which_a_job_on_one_machine_can_continue(
    make_job: MakeJob, join: str
) -> None:
    job = make_job(join=join)
    files = started(job)
    write(files.job_of(0, 1), [2, 1], [])
    write(files.job_of(1, 1), [3], [4])

    files.publish(3)

    assert not files.folder.exists()
    assert 3 == len(Path(job.output).read_bytes().splitlines())
    continued = make_job(join=join, resume=True)
    failures = Path(job.failures_in_force)
    with ResultFiles(continued, Path(job.output), failures) as found:
        assert [True] * 4 == [found.skips(record(line)) for line in (1, 2, 3, 4)]
        assert (3, 1) == (len(found.finished), len(found.failed))


def test_failures_of_an_earlier_output_are_removed(make_job: MakeJob) -> None:
    job = make_job(overwrite=True)
    Path(job.failures_in_force).write_text("old\n")
    files = started(job)
    write(files.job_of(0, 1), [1], [])

    files.publish(1)

    assert not Path(job.failures_in_force).exists()


def test_a_part_is_committed_once(make_job: MakeJob) -> None:
    files = started(make_job())
    job = files.job_of(0, 8)

    assert (8, True, None) == (job.concurrency, job.resume, read_commit(job))
    commit_part(job, Finished(3, 1))
    assert Finished(3, 1) == files.committed(0) == read_commit(job)
    files.uncommit(0)
    assert None is files.committed(0)
    files.close()


def test_what_an_earlier_run_wrote_of_a_part_is_counted(make_job: MakeJob) -> None:
    files = started(make_job())
    write(files.job_of(0, 1), [1, 2], [3])

    assert Finished(2, 1) == files.finished(0, has_header=False)
    assert Finished() == files.finished(1, has_header=False)
    job = files.job_of(0, 1)
    with ResultFiles(job, Path(job.output), Path(job.failures_in_force)):
        assert Finished() == files.finished(0, has_header=False)  # in use
    files.close()
    again = PartFiles(make_job(retry_failed=True))
    assert Finished(2, 0) == again.finished(0, has_header=False)


def test_the_header_is_not_a_result(tmp_path: Path) -> None:
    job = BatchJob("m", tmp_path / "in.csv", tmp_path / "out", join="csv", header=True)
    files = started(job)
    write(files.job_of(0, 1), [1, 2], [])  # the first one is the header

    assert Finished(1, 0) == files.finished(0, has_header=True)
    files.close()


def test_parts_of_an_earlier_run_are_loaded(make_job: MakeJob) -> None:
    files = started(make_job())
    files.save(PARTS, 6)
    with pytest.raises(ParamValidationError, match="in use"):
        PartFiles(make_job(resume=True)).start()
    files.close()

    again = PartFiles(make_job(resume=True, concurrency="auto"))

    assert again.start()
    assert PARTS == again.load(6)
    assert 5 == again.job_of(0, 5).max_concurrency
    with pytest.raises(ParamValidationError, match="size"):
        again.load(7)
    again.close()
    other = PartFiles(make_job(resume=True, join="transform"))
    assert other.start()
    with pytest.raises(ParamValidationError, match="join"):
        other.load(6)
    other.close()


def test_results_are_replaced_only_on_request(make_job: MakeJob) -> None:
    files = started(make_job())
    files.save(PARTS, 6)
    files.close()

    with pytest.raises(ParamValidationError, match="exists"):
        PartFiles(make_job()).start()
    new = PartFiles(make_job(overwrite=True))
    assert not new.start()
    assert ["lock"] == [path.name for path in new.folder.iterdir()]
    new.close()
    new.close()
