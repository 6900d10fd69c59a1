"""Reads the inputs of a batch job: the lines of a file, or the files of a folder."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import AsyncGenerator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.result_files import ResultFiles
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.batch_records import (
    BatchRecord,
    csv_record,
    json_record,
    openai_record,
)
from sagemaker_rt.sansio.batch_resume import FinishedInputs
from sagemaker_rt.sansio.batch_statistics import BatchStatistics
from sagemaker_rt.sansio.line_splitter import (
    CSVSplitter,
    Line,
    LineSplitter,
    cell_count,
)

__all__ = ["BatchInputs"]

_CHUNK: Final = 1 << 18


class BatchInputs:
    """The inputs of a job that have to be called.

    Args:
        path: A file, or a folder with the format ``files``, or the list of a folder in
            S3.
        excluded: Files in the folder that are not inputs: those of the results.
        stopped: Returns whether no further input is wanted.
        part: The part of the inputs that is read; None for all.
    """

    def __init__(
        self,
        job: BatchJob,
        path: Path,
        excluded: frozenset[Path],
        stopped: Callable[[], bool],
        part: InputPart | None = None,
    ) -> None:
        self._job = job
        self._path = path
        self._excluded = excluded
        self._stopped = stopped
        self._part = part or InputPart()
        self._is_folder = job.format_in_force == "files"
        self._is_csv = job.format_in_force == "csv"
        self._ids = FinishedInputs()  # of this run, to find equal ones

    def total_bytes(self) -> int:
        """Return the size of all inputs; this blocks.

        Raises:
            ParamValidationError: The input does not exist, cannot be read, or is a
                folder without files.
        """
        try:
            if self._is_folder:
                self._require_files()
                return sum(record.size for record in self._records_of_files())
            status = self._path.stat()
            if stat.S_ISFIFO(status.st_mode):  # it is read from its start, and again
                problem = f"the input {self._path} is a pipe; use a file"
                raise ParamValidationError(problem, [problem])
            with self._path.open("rb"):  # a folder, or no permission, is an error here
                size = status.st_size
        except OSError as error:
            path = error.filename or self._path
            problem = f"the input {path} cannot be read: {error.strerror}"
            raise ParamValidationError(problem, [problem]) from error
        return (size if self._part.end is None else self._part.end) - self._part.start

    def _require_files(self) -> None:
        # files may be removed when they have results
        if not self._job.resumes and next(self._files(), None) is None:
            problem = f"the folder {self._job.input} has no files"
            raise ParamValidationError(problem, [problem])

    def count_files(self) -> int:
        """Return the number of files in the folder; this blocks.

        Raises:
            OSError: It cannot be read.
        """
        return sum(1 for _ in self._files())

    async def records(
        self, files: ResultFiles, statistics: BatchStatistics
    ) -> AsyncGenerator[list[BatchRecord]]:
        """Yield the inputs that have no result yet, those of one request at a time.

        An input that cannot be sent is alone.

        Raises:
            OSError: The input cannot be read.
            ParamValidationError: It is not that of the results.
        """
        size = self._job.rows_per_request
        group: list[BatchRecord] = []
        async for records in self._batches(files, statistics):
            for unchecked in records:
                if self._stopped():
                    return
                if files.skips(unchecked):
                    statistics.skip(unchecked.size)
                    continue
                record = self._checked(unchecked)
                if size == 1 or record.problem is not None:
                    yield [record]
                    continue
                group.append(record)
                if len(group) == size:
                    yield group
                    group = []
        if group:
            yield group
        if not self._is_folder:  # files may be removed when they have results
            files.check_inputs()

    def _checked(self, record: BatchRecord) -> BatchRecord:
        """Return *record*, with a problem if its ID is one of another line."""
        if record.id is None or self._is_folder:
            return record
        if record.id not in self._ids:
            self._ids.add(record.id)
            return record
        problem = f"custom_id {record.id!r} is that of an earlier line"
        return record._replace(id=None, problem=problem)

    async def _batches(
        self, files: ResultFiles, statistics: BatchStatistics
    ) -> AsyncGenerator[Iterator[BatchRecord]]:
        """Yield inputs, some at a time."""
        if self._is_folder:
            yield self._records_of_files()
            return
        part = self._part
        splitter = (CSVSplitter if self._is_csv else LineSplitter)(
            self._job.max_line_bytes, before=part.before
        )
        # not in a thread: if the job were cancelled, the file would stay open
        with self._path.open("rb") as file:
            file.seek(part.start)
            record_of: Callable[[Line], BatchRecord] | None = None
            while True:
                size = part.left(file.tell(), _CHUNK)
                chunk = await asyncio.to_thread(file.read, size)
                read = splitter.feed(chunk) if chunk else splitter.close()
                lines = _without_blank(read, statistics)
                if record_of is None and lines:
                    record_of = self._record_function(lines, files, statistics)
                if record_of is not None:
                    yield map(record_of, lines)
                if not chunk:
                    return

    def _record_function(
        self, lines: list[Line], files: ResultFiles, statistics: BatchStatistics
    ) -> Callable[[Line], BatchRecord]:
        """Return the function that makes inputs of lines; *lines* are the first.

        The header of CSV is taken from them.
        """
        if not self._is_csv:
            return openai_record if self._job.format == "openai" else json_record
        if self._part.start:
            return csv_record(self._part.columns)
        usable = (line.content for line in lines if line.problem is None)
        columns = next(map(cell_count, usable), None)
        if self._job.header:
            header = lines.pop(0)
            statistics.ignore(header.size)
            if self._job.join == "csv" and header.number not in files.finished:
                files.write_header(header.number, header.content)
        return csv_record(columns)

    def _records_of_files(self) -> Iterator[BatchRecord]:
        limit = self._job.max_line_bytes
        numbered = enumerate(self._files(), 1)
        for number, (name, size) in islice(numbered, self._part.start, self._part.end):
            problem = f"the file has {size} bytes; at most {limit} are read"
            is_long = size > limit
            yield BatchRecord(
                number, name, b"", b"", size, problem if is_long else None
            )

    def _files(self) -> Iterator[tuple[str, int]]:
        """Yield paths relative to the folder, with ``/``, and sizes, in their order.

        Hidden files and folders are left out.
        """
        if self._job.lists_input:
            with self._path.open("rb") as file:
                yield from map(json.loads, file)
            return
        for folder, folders, names in os.walk(self._path, onerror=_raise):
            folders[:] = _visible(folders)
            for name in _visible(names):
                path = Path(folder, name)
                if path.resolve() not in self._excluded:
                    yield path.relative_to(self._path).as_posix(), _size(path)


def _without_blank(lines: list[Line], statistics: BatchStatistics) -> list[Line]:
    statistics.ignore(sum(line.size for line in lines if line.is_blank))
    return [line for line in lines if not line.is_blank]


def _visible(names: list[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith("."))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a broken link is a failure of this file when it is read
        return 0


def _raise(error: OSError) -> None:
    raise error
