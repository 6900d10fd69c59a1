from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.result_files import JOURNAL, ResultFiles
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import BatchAnswer

ANSWER = BatchAnswer(b'{"b": 1}', "application/json", "r", 200)
ERROR = ValueError("x")


def record(line: int) -> BatchRecord:
    return BatchRecord(line, None, b'{"a": 1}', b"", 8)


class Folder:
    """The files of a job in a folder."""

    def __init__(self, path: Path) -> None:
        self.output = path / "out.jsonl"
        self.failures = path / "failed.jsonl"
        self.journal = path / f"out.jsonl{JOURNAL}"

    def open(self, **options: Any) -> ResultFiles:
        job = BatchJob("m", "in.csv", self.output, failures=self.failures, **options)
        return ResultFiles(job, self.output, self.failures)

    def write(self, *lines: int, failed: tuple[int, ...] = (), **options: Any) -> None:
        with self.open(**options) as files:
            for line in lines:
                files.write_result(record(line), ANSWER)
            for line in failed:
                files.write_failure(record(line), ERROR)
            files.sync()

    def failed(self) -> list[int]:
        text = self.failures.read_text() if self.failures.exists() else ""
        return [json.loads(line)["line"] for line in text.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def finished(files: ResultFiles) -> set[int]:
    return {line for line in range(1, 100) if line in files.finished}


def test_results_and_failures_are_skipped_when_a_job_is_resumed(folder: Folder) -> None:
    folder.write(1, 4, failed=(2,))

    with folder.open(resume=True) as files:
        skipped = [line for line in range(1, 6) if files.skips(record(line))]

    assert [1, 2, 4] == skipped


def test_an_input_that_has_changed_is_refused(folder: Folder) -> None:
    folder.write(1, 2)

    with folder.open(resume=True) as files:
        assert files.skips(record(1))
        with pytest.raises(ParamValidationError):
            files.skips(record(2)._replace(source=b'{"a": 2}'))


def test_an_input_that_has_fewer_lines_than_before_is_refused(folder: Folder) -> None:
    folder.write(4, 1)

    with folder.open(resume=True) as files:
        assert files.skips(record(1))
        with pytest.raises(ParamValidationError):
            files.check_inputs()
        assert files.skips(record(4))
        files.check_inputs()


def test_failures_are_repeated_on_request(folder: Folder) -> None:
    folder.write(1, failed=(2, 3))

    with folder.open(retry_failed=True) as files:
        assert not files.skips(record(2))
        files.write_result(record(2), ANSWER)
        files.write_failure(record(3), ERROR)
        files.drop_repeated_failures()
        files.write_failure(record(4), ERROR)

    assert [3, 4] == folder.failed()


def test_a_crash_between_a_result_and_the_removal_of_its_failure_is_repaired(
    folder: Folder,
) -> None:
    folder.write(1, failed=(2, 3))
    folder.write(2, failed=(3,), retry_failed=True)
    assert [2, 3, 3] == folder.failed()

    with folder.open(resume=True) as files:
        assert {1, 2} == finished(files)
        assert 1 == len(files.failed)

    assert [3] == folder.failed()


def test_an_empty_file_of_failures_is_deleted(folder: Folder) -> None:
    folder.write(1)

    assert folder.output.exists()
    assert not folder.failures.exists()


@pytest.mark.parametrize("options", [{}, {"join": "transform"}, {"join": "csv"}])
def test_files_that_exist_are_not_touched(
    folder: Folder, options: dict[str, Any]
) -> None:
    folder.write(1, failed=(2,), **options)
    before = folder.output.read_bytes(), folder.failures.read_bytes()

    with pytest.raises(ParamValidationError):
        folder.open(**options)

    assert before == (folder.output.read_bytes(), folder.failures.read_bytes())
    folder.write(3, overwrite=True, **options)
    assert 1 == folder.output.read_bytes().count(b"\n")
    assert [] == folder.failed()


@pytest.mark.parametrize("name", ["output", "failures"])
@pytest.mark.parametrize("content", [b"important\n", b'{"x": 1}\n', b"1\n2"])
def test_a_file_of_another_program_is_refused(
    folder: Folder, name: str, content: bytes
) -> None:
    path: Path = getattr(folder, name)
    path.write_bytes(content)

    with pytest.raises(ParamValidationError):
        folder.open(resume=True)

    assert path.read_bytes() == content


def test_after_a_cut_at_any_byte_whole_lines_count(folder: Folder) -> None:
    folder.write(1, 2, 3)
    whole = folder.output.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]

    for size in range(len(whole) + 1):
        folder.output.write_bytes(whole[:size])
        # a line without its newline is complete
        expected = {n for n, end in enumerate(ends, 1) if end - 1 <= size}
        with folder.open(resume=True) as files:
            assert expected == finished(files)
            missing = {1, 2, 3} - expected
            for line in sorted(missing):
                files.write_result(record(line), ANSWER)
        assert whole == folder.output.read_bytes()


@pytest.mark.parametrize("join", ["transform", "csv"])
def test_after_a_cut_at_any_byte_a_journal_says_which_lines_count(
    folder: Folder, join: str
) -> None:
    sizes = [(0, 0)]
    with folder.open(join=join) as files:
        for line in (1, 2, 3):
            files.write_result(record(line), ANSWER)
            sizes.append((folder.journal.stat().st_size, folder.output.stat().st_size))
    journal, output = folder.journal.read_bytes(), folder.output.read_bytes()
    # an entry of the journal is written before its result
    cuts = [
        (a, b)
        for (journal_from, output_from), (journal_to, output_to) in pairwise(sizes)
        for a, b in [
            *((size, output_from) for size in range(journal_from, journal_to)),
            *((journal_to, size) for size in range(output_from, output_to + 1)),
        ]
    ]

    for journal_size, output_size in cuts:
        folder.journal.write_bytes(journal[:journal_size])
        folder.output.write_bytes(output[:output_size])
        expected = {n for n, (_, end) in enumerate(sizes) if n and end <= output_size}
        with folder.open(join=join, resume=True) as files:
            assert expected == finished(files)
            for line in sorted({1, 2, 3} - expected):
                files.write_result(record(line), ANSWER)
        assert (journal, output) == (
            folder.journal.read_bytes(),
            folder.output.read_bytes(),
        )


def test_an_output_without_its_journal_is_not_continued(folder: Folder) -> None:
    folder.write(1, join="transform")
    folder.journal.unlink()

    with pytest.raises(ParamValidationError):
        folder.open(join="transform", resume=True)


def test_a_long_journal_is_read_in_chunks(folder: Folder) -> None:
    lines = range(1, 70_001)
    folder.write(*lines, join="transform")

    with folder.open(join="transform", resume=True) as files:
        assert len(lines) == len(files.finished)


def test_a_header_is_a_line_of_the_journal(folder: Folder) -> None:
    with folder.open(join="csv") as files:
        files.write_header(1, b"a,b")

    assert b"a,b,SageMakerOutput\n" == folder.output.read_bytes()
    with folder.open(join="csv", resume=True) as files:
        assert {1} == finished(files)


def test_openai_results_with_errors_are_failures(folder: Folder) -> None:
    line = {"id": "x", "custom_id": "a", "response": None, "error": {"code": "x"}}
    folder.output.write_text(json.dumps(line) + "\n")
    job = BatchJob("m", "in", folder.output, format="openai", resume=True)

    with ResultFiles(job, folder.output, folder.failures) as files:
        assert ("a" in files.failed, "a" in files.finished) == (True, False)
        files.write_failure(BatchRecord(2, "b", b"{}", b"", 1), ERROR)

    assert "b" == json.loads(folder.failures.read_text())["custom_id"]
