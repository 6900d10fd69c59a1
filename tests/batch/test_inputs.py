from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch.inputs import BatchInputs
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.result_files import ResultFiles
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import BatchAnswer
from sagemaker_rt.sansio.batch_statistics import BatchStatistics

ANSWER = BatchAnswer(b"1", "application/json", "r", 200)


class Reading:
    """A job in a folder, whose inputs are read."""

    def __init__(self, folder: Path, content: bytes, name: str) -> None:
        self.input = folder / name
        self.output = folder / "out"
        self.failures = folder / "failed"
        self.input.write_bytes(content)
        self.statistics = BatchStatistics(None, 0.0)
        self.is_stopped = False

    @contextmanager
    def files(self, job: BatchJob) -> Iterator[ResultFiles]:
        with ResultFiles(job, self.output, self.failures) as files:
            yield files

    def inputs(self, job: BatchJob) -> BatchInputs:
        return BatchInputs(job, self.input, frozenset(), lambda: self.is_stopped)

    async def read(self, **options: Any) -> list[BatchRecord]:
        job = BatchJob("m", self.input, self.output, **options)
        with self.files(job) as files:
            records = self.inputs(job).records(files, self.statistics)
            return [record async for group in records for record in group]


async def test_blank_lines_are_ignored_and_counted(tmp_path: Path) -> None:
    reading = Reading(tmp_path, b'\n{"a": 1}\n \r\n2', "in.jsonl")

    records = await reading.read()

    assert [(2, b'{"a": 1}', None), (4, b"2", None)] == [
        (record.line, record.body, record.problem) for record in records
    ]
    assert 14 - 10 == reading.statistics._skipped_bytes


async def test_an_empty_file_has_no_inputs(tmp_path: Path) -> None:
    assert [] == await Reading(tmp_path, b"", "in.jsonl").read()


async def test_a_broken_line_is_a_record_with_a_problem(tmp_path: Path) -> None:
    records = await Reading(tmp_path, b"1\n{\n3\n", "in.jsonl").read()

    assert [False, True, False] == [bool(record.problem) for record in records]


async def test_finished_lines_are_skipped(tmp_path: Path) -> None:
    reading = Reading(tmp_path, b"1\n2\n3\n", "in.jsonl")
    job = BatchJob("m", reading.input, reading.output)
    with reading.files(job) as files:
        files.write_result(BatchRecord(2, None, b"2", b"2", 2, is_json=True), ANSWER)

    records = await reading.read(resume=True)

    assert [1, 3] == [record.line for record in records]
    assert 1 == reading.statistics.skipped


async def test_rows_of_csv_have_the_cells_of_the_first(tmp_path: Path) -> None:
    content = b'\n"1","2"\n"a\nb",3\n4\n"5"\n'

    records = await Reading(tmp_path, content, "in.csv").read()

    assert [2, 3, 5, 6] == [record.line for record in records]
    assert [False, False, True, True] == [bool(record.problem) for record in records]


async def test_a_header_is_not_sent(tmp_path: Path) -> None:
    reading = Reading(tmp_path, b" \n\na,b\n1,2\n", "in.csv")

    records = await reading.read(header=True)

    assert [b"1,2"] == [record.body for record in records]
    assert b"" == reading.output.read_bytes()


async def test_a_header_is_written_once_to_an_output_of_csv(tmp_path: Path) -> None:
    reading = Reading(tmp_path, b'"a",b\n1,2\n', "in.csv")

    for resume in (False, True):
        records = await reading.read(header=True, join="csv", resume=resume)
        assert [b"1,2"] == [record.body for record in records]

    assert b'"a",b,SageMakerOutput\n' == reading.output.read_bytes()


async def test_a_second_line_with_an_id_has_a_problem(tmp_path: Path) -> None:
    line = b'{"custom_id": "a", "url": "/v1/x", "body": {}}\n'

    records = await Reading(tmp_path, line * 2, "in").read(format="openai")

    assert [("a", False), (None, True)] == [(r.id, bool(r.problem)) for r in records]


async def test_files_of_a_folder_are_read_in_their_order(tmp_path: Path) -> None:
    for name in ("b/2.png", "b/1.png", "a.txt", "z", ".git/x", "b/.DS_Store"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"123")
    job = BatchJob("m", tmp_path / "in", tmp_path / "in" / "z")
    excluded = frozenset({(tmp_path / "in" / "z").resolve()})
    inputs = BatchInputs(job, tmp_path / "in", excluded, lambda: False)
    assert 9 == inputs.total_bytes()

    with ResultFiles(
        BatchJob("m", "in", tmp_path / "out"), tmp_path / "out", tmp_path / "failed"
    ) as files:
        records = inputs.records(files, BatchStatistics(None, 0.0))
        found = [(one.key, one.line) async for group in records for one in group]

    assert [("a.txt", 1), ("b/1.png", 2), ("b/2.png", 3)] == found


def test_a_folder_without_files_is_an_error_unless_they_were_called(
    tmp_path: Path,
) -> None:
    (tmp_path / "in" / ".git").mkdir(parents=True)
    job = BatchJob("m", tmp_path / "in", tmp_path / "out", resume=True)
    assert (
        0 == BatchInputs(job, tmp_path / "in", frozenset(), lambda: False).total_bytes()
    )

    job = BatchJob("m", tmp_path / "in", tmp_path / "out")
    with pytest.raises(ParamValidationError, match="no files"):
        BatchInputs(job, tmp_path / "in", frozenset(), lambda: False).total_bytes()


async def test_a_file_that_is_too_long_is_a_record_with_a_problem(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    reading = Reading(tmp_path / "in", b"1234", "a")
    job = BatchJob("m", tmp_path / "in", tmp_path / "out", max_line_bytes=3)
    inputs = BatchInputs(job, tmp_path / "in", frozenset(), lambda: False)
    reading.output, reading.failures = tmp_path / "out", tmp_path / "failed"

    with reading.files(job) as files:
        records = inputs.records(files, reading.statistics)
        [[record]] = [group async for group in records]

    assert record.problem


async def test_no_input_is_read_after_a_stop(tmp_path: Path) -> None:
    reading = Reading(tmp_path, b"1\n2\n3\n", "in.jsonl")
    job = BatchJob("m", reading.input, reading.output)

    with reading.files(job) as files:
        records = reading.inputs(job).records(files, reading.statistics)
        assert [1] == [record.line for record in await anext(records)]
        reading.is_stopped = True
        assert [] == [record async for record in records]


async def test_rows_are_grouped_without_those_that_cannot_be_sent(
    tmp_path: Path,
) -> None:
    reading = Reading(tmp_path, b"1\n2\nbroken\n3\n4\n5\n6\n", "in.jsonl")
    job = BatchJob(
        "m", reading.input, reading.output, rows_per_request=2, retry_failed=True
    )

    with reading.files(job) as files:
        files.finished.add(2)
        records = reading.inputs(job).records(files, reading.statistics)
        lines = [[one.line for one in group] async for group in records]

    assert [[3], [1, 4], [5, 6], [7]] == lines


@pytest.mark.parametrize("format", ["jsonlines", "files"])
def test_an_input_that_does_not_exist_is_reported(tmp_path: Path, format: Any) -> None:
    path = tmp_path / "missing"
    job = BatchJob("m", path, tmp_path / "out", format=format)

    with pytest.raises(ParamValidationError):
        BatchInputs(job, path, frozenset(), lambda: False).total_bytes()


def test_a_folder_is_not_a_file_of_lines(tmp_path: Path) -> None:
    job = BatchJob("m", tmp_path, tmp_path / "out", format="jsonlines")

    with pytest.raises(ParamValidationError):
        BatchInputs(job, tmp_path, frozenset(), lambda: False).total_bytes()


async def test_lines_may_be_cut_by_chunks(tmp_path: Path) -> None:
    content = b"".join(b'"%d%s"\n' % (n, b"x" * 1000) for n in range(1000))

    records = await Reading(tmp_path, content, "in.jsonl").read()

    assert list(range(1, 1001)) == [record.line for record in records]
    assert not any(record.problem for record in records)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_is_refused_because_it_can_be_read_only_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    job = BatchJob("m", path, "out")

    with pytest.raises(ParamValidationError):
        BatchInputs(job, path, frozenset(), lambda: False).total_bytes()


def test_a_broken_link_is_an_input_like_others(tmp_path: Path) -> None:
    reading = Reading(tmp_path, b"1", "a")
    (tmp_path / "broken").symlink_to("nowhere")
    reading.input = tmp_path

    inputs = reading.inputs(BatchJob("m", tmp_path, "out"))

    assert 2 == inputs.count_files()
    assert 1 == inputs.total_bytes()
