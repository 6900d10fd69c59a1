"""The files of results and failures of a batch job, and what is in them already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

from sagemaker_rt.batch.appended_file import AppendedFile
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_results import (
    RESULT_LINES,
    BatchAnswer,
    failure_line,
    is_result_of,
)
from sagemaker_rt.sansio.batch_resume import (
    JOURNAL_ENTRY_SIZE,
    FinishedInputs,
    is_whole,
    journal_entries,
    journal_entry,
    key_of_failure,
    key_of_result,
)

__all__ = ["JOURNAL", "ResultFiles", "needs_journal"]

JOURNAL: Final = ".journal"
"""The suffix of the file that says which input each result is of."""
_FIRST_SAMPLES: Final = 100
_LONGEST_SAMPLE: Final = 1 << 16  # of the first ones
_SAMPLE_GAP: Final = 10_000
_CHUNK: Final = 1 << 20
_JOURNAL_CHUNK: Final = JOURNAL_ENTRY_SIZE << 16


class ResultFiles:
    """The output and the failures of a job, and, if the output needs it, a journal.

    Making one blocks. It repairs what a crash left behind: a line that is not complete
    is removed.

    Args:
        output: The file of results.
        failures: The file of failures. It is deleted at the end if it is empty.

    Raises:
        ParamValidationError: A file cannot be opened; or it exists, and the job neither
            resumes nor overwrites; or it is not a result of a batch job.
    """

    def __init__(self, job: BatchJob, output: Path, failures: Path) -> None:
        self._is_openai = job.format == "openai"
        self._is_record = job.join_in_force == "record"
        self._line_of = RESULT_LINES[job.join_in_force]
        self._retries = job.retry_failed
        self.finished: Final = FinishedInputs()
        """The inputs with a result."""
        self.failed: Final = FinishedInputs()
        """The inputs that failed in an earlier run."""
        # some results, which show whether the input has changed since
        self._samples: dict[int | str, bytes] = {}
        self._journal: AppendedFile | None = None
        with ExitStack() as stack:
            self._output = AppendedFile(output)
            stack.callback(self._output.close)
            self._failures = AppendedFile(failures)
            stack.callback(lambda: self._failures.close())  # noqa: PLW0108 - replaced
            if needs_journal(job):
                self._journal = AppendedFile(output.with_name(output.name + JOURNAL))
                stack.callback(self._journal.close)
            self._start(job)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *of_error: object) -> None:
        self.close()

    def skips(self, record: BatchRecord) -> bool:
        """Return whether *record* has a result, or a failure that is not repeated.

        Raises:
            ParamValidationError: The result is that of another input.
        """
        key = record.key
        sample = self._samples.pop(key, None)
        if sample is not None and not is_result_of(sample, record):
            raise self._changed(key)
        return key in self.finished or (not self._retries and key in self.failed)

    def check_inputs(self) -> None:
        """Check that the inputs, all of which were read, have those with results.

        Raises:
            ParamValidationError: One of them is not there.
        """
        for key in self._samples:
            raise self._changed(key)

    def write_result(self, record: BatchRecord, answer: BatchAnswer) -> None:
        """Append the result of *record*.

        Raises:
            OSError: It cannot be written; the file has whole lines.
        """
        self._write(record.line, self._line_of(record, answer))
        if self._retries:
            self.finished.add(record.key)

    def write_header(self, line: int, header: bytes) -> None:
        """Append the names of the columns of an output of CSV.

        Raises:
            OSError: It cannot be written.
        """
        self._write(line, b"%b,SageMakerOutput\n" % header)

    def write_failure(self, record: BatchRecord, error: Exception) -> None:
        """Append the failure of *record*.

        Raises:
            OSError: It cannot be written; the file has whole lines.
        """
        self._failures.append(failure_line(record, error, is_openai=self._is_openai))

    def sync(self) -> None:
        """Store everything on the disk; this blocks, and may run in a thread.

        Raises:
            OSError: The disk failed.
        """
        # a journal entry without its result is ignored, and not the other way round
        for file in (self._output, self._journal, self._failures):
            if file is not None:
                file.sync()

    def drop_repeated_failures(self) -> None:
        """Remove failures of inputs that have a result or a later failure by now.

        Raises:
            OSError: The new file cannot be written; the old one is unchanged.
        """
        last: dict[int | str, int] = {}
        count = 0
        for count, line in enumerate(_lines(self._failures), 1):
            if (key := key_of_failure(line)) is not None:
                last[key] = count
        kept = {number for key, number in last.items() if key not in self.finished}
        if len(kept) == count:
            return
        path = self._failures.path
        new = AppendedFile(path.with_name(f"{path.name}.new"))
        new.truncate(0)
        for number, line in enumerate(_lines(self._failures), 1):
            if number in kept:
                new.append(line + b"\n")
        self._failures.replace(new)
        self._failures = AppendedFile(path)

    def close(self) -> None:
        """Close the files.

        Raises:
            OSError: The file of failures cannot be deleted.
        """
        # Windows does not delete open files
        with self._stack, suppress(PermissionError):
            if not self._failures.size:
                self._failures.path.unlink(missing_ok=True)

    def _changed(self, key: int | str) -> ParamValidationError:
        problem = (
            f"line {key} of the input is not the one in {self._output.path}; use "
            "another output, or overwrite it"
        )
        return ParamValidationError(problem, [problem])

    def _write(self, line: int, content: bytes) -> None:
        if self._journal is not None:
            end = self._output.size + len(content)
            self._journal.append(journal_entry(line, end))
        self._output.append(content)

    def _start(self, job: BatchJob) -> None:
        """Continue, replace or refuse what is there."""
        files = [f for f in (self._output, self._failures, self._journal) if f]
        if job.resumes:
            self._read_results()
            self._read_failures()
            self.drop_repeated_failures()
            return
        for file in files:
            if file.size and not job.overwrite:
                problem = f"{file.path} exists; resume the job, or overwrite it"
                raise ParamValidationError(problem, [problem])
        for file in files:
            file.truncate(0)

    def _read_results(self) -> None:
        if self._journal is not None:
            self._read_journal(self._journal)
            return
        samples: dict[int | str, bytes] = {}
        for number, line in enumerate(_lines(self._output), 1):
            if (found := key_of_result(line)) is None:
                raise _not_ours(self._output.path, number)
            key, is_success = found
            (self.finished if is_success else self.failed).add(key)
            is_early = number <= _FIRST_SAMPLES and len(line) <= _LONGEST_SAMPLE
            if is_early or number % _SAMPLE_GAP == 0:
                samples[key] = line
        if self._is_record:
            self._samples = samples

    def _read_journal(self, journal: AppendedFile) -> None:
        if self._output.size and not journal.size:
            path = self._output.path
            problem = f"{path} cannot be continued without {path.name}{JOURNAL}"
            raise ParamValidationError(problem, [problem])
        position = end = 0
        while data := journal.read(position, _JOURNAL_CHUNK):
            entries = list(journal_entries(data, self._output.size))
            for line, end in entries:  # noqa: B007 - the last one counts
                self.finished.add(line)
            position += len(entries) * JOURNAL_ENTRY_SIZE
            if len(entries) < len(data) // JOURNAL_ENTRY_SIZE or not entries:
                break
        journal.truncate(position)
        self._output.truncate(end)

    def _read_failures(self) -> None:
        for number, line in enumerate(_lines(self._failures), 1):
            if (key := key_of_failure(line)) is None:
                raise _not_ours(self._failures.path, number)
            if key not in self.finished:
                self.failed.add(key)


def needs_journal(job: BatchJob) -> bool:
    """Return whether the lines of the output do not say which input they are of."""
    return job.join_in_force in {"transform", "csv"}


def _lines(file: AppendedFile) -> Iterator[bytes]:
    """Yield the lines of *file*; the last one is removed if it is not complete."""
    position, pending = 0, b""
    while chunk := file.read(position, _CHUNK):
        position += len(chunk)
        *lines, pending = (pending + chunk).split(b"\n")
        yield from lines
    if not pending:
        return
    if is_whole(pending):
        file.append(b"\n")
        yield pending
    else:
        file.truncate(file.size - len(pending))


def _not_ours(path: Path, number: int) -> ParamValidationError:
    problem = f"line {number} of {path} is not of a batch job; use another file"
    return ParamValidationError(problem, [problem])
