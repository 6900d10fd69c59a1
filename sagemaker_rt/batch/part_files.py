"""The results of the parts of a batch job, until they become its output."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import attrs

from sagemaker_rt.batch.appended_file import AppendedFile, FileInUse
from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.result_files import JOURNAL, ResultFiles, needs_journal
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.batch_resume import (
    JOURNAL_ENTRY_SIZE,
    journal_entries,
    journal_entry,
)
from sagemaker_rt.sansio.batch_totals import Finished

__all__ = ["PartFiles", "commit_part", "read_commit"]

_FOLDER: Final = ".parts"
_COMMITTED: Final = ".committed"
_CHUNK: Final = JOURNAL_ENTRY_SIZE << 16


class PartFiles:
    """The folder beside the output that has the results of each part.

    A part is committed once, by another file that is written when all of its results
    are stored. When all parts are, their results become the output at once.

    Args:
        job: The job, with local paths.
    """

    def __init__(self, job: BatchJob) -> None:
        self._job = job
        self._output = Path(job.output)
        self.folder: Final = self._output.with_name(self._output.name + _FOLDER)
        """The folder of the parts."""
        self._lock: AppendedFile | None = None

    def start(self) -> bool:
        """Lock the folder, and return whether an earlier run made it; this blocks.

        Raises:
            ParamValidationError: It or the output exists, and the job neither resumes
                nor overwrites; or another run uses it.
        """
        job, lock = self._job, self.folder / "lock"
        existed = (self.folder / "parts.json").exists()
        paths = [self.folder] if existed else []
        paths += [p for p in map(Path, _results(job)) if p.exists() and _size(p)]
        if paths and not (job.resumes or job.overwrite):
            problem = f"{paths[0]} exists; resume the job, or overwrite it"
            raise ParamValidationError(problem, [problem])
        self._lock = AppendedFile(lock)
        if existed and job.overwrite:
            for path in self.folder.iterdir():
                if path != lock:
                    path.unlink()
        return existed and not job.overwrite

    def remove(self) -> None:
        """Remove the folder, and what is in it."""
        self.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        """Unlock the folder."""
        if self._lock is not None:
            self._lock.close()
        self._lock = None

    def save(self, parts: list[InputPart], size: int) -> None:
        """Write which parts there are; *size* is that of the input."""
        saved = {**self._identity(size), "parts": parts}
        _write(self.folder / "parts.json", json.dumps(saved).encode())

    def load(self, size: int) -> list[InputPart]:
        """Return the parts of an earlier run.

        Raises:
            ParamValidationError: Its input or its format was another one.
        """
        saved: dict[str, Any] = json.loads((self.folder / "parts.json").read_bytes())
        parts = saved.pop("parts")
        for name, value in self._identity(size).items():
            if value != saved[name]:
                problem = (
                    f"{self.folder} is of a job with {name} {saved[name]!r}, not "
                    f"{value!r}; overwrite it, or use another output"
                )
                raise ParamValidationError(problem, [problem])
        return [InputPart(*part) for part in parts]

    def job_of(self, index: int, concurrency: int) -> BatchJob:
        """Return the job of a part; it continues what an earlier one did."""
        name = f"{index:06}"
        job = self._job
        part = attrs.evolve(
            job,
            output=self.folder / f"{name}{self._output.suffix}",
            failures=self.folder / f"{name}.failed",
            format=job.format_in_force,
            resume=True,
            overwrite=False,
            max_failures=None,
        )
        if job.concurrency == "auto":
            return attrs.evolve(part, max_concurrency=concurrency)
        return attrs.evolve(part, concurrency=concurrency)

    def committed(self, index: int) -> Finished | None:
        """Return what is in a part that is committed; None if it is not."""
        return read_commit(self.job_of(index, 1))

    def uncommit(self, index: int) -> None:
        """Let a part be called again."""
        _committed(self.job_of(index, 1)).unlink()

    def finished(self, index: int, *, has_header: bool) -> Finished:
        """Return what is in a part that is not committed.

        Args:
            has_header: Whether the first line of the part is the header of CSV.
        """
        job = self.job_of(index, 1)
        output, failures = map(Path, _results(job))
        if not (output.exists() or failures.exists()):
            return Finished()
        try:
            with ResultFiles(job, output, failures) as files:
                results = len(files.finished)
                if has_header and job.join == "csv":
                    results = max(results - 1, 0)
                failed = 0 if job.retry_failed else len(files.failed)
                return Finished(results, failed)
        except FileInUse:  # a worker still handles the part for a run that was killed
            return Finished()

    def publish(self, parts: int) -> None:
        """Make the output and the failures of those of all parts; this blocks.

        Raises:
            OSError: They cannot be written; the parts are kept.
        """
        jobs = [self.job_of(index, 1) for index in range(parts)]
        outputs = [Path(job.output) for job in jobs]
        failures = [Path(job.failures_in_force) for job in jobs]
        if needs_journal(self._job):
            _replace(_beside(self._output), _journal_of(outputs))
        _replace(self._output, _content_of(outputs))
        failed = Path(self._job.failures_in_force)
        if any(path.exists() for path in failures):
            _replace(failed, _content_of(failures))
        else:
            failed.unlink(missing_ok=True)
        self.remove()

    def _identity(self, size: int) -> dict[str, object]:
        job = self._job
        return {
            "input": job.input,
            "size": size,
            "format": job.format_in_force,
            "join": job.join_in_force,
            "header": job.header,
        }


def commit_part(job: BatchJob, finished: Finished) -> None:
    """Commit the part whose job is *job*; this blocks.

    Raises:
        OSError: The file cannot be written.
    """
    _write(_committed(job), json.dumps(finished).encode())


def read_commit(job: BatchJob) -> Finished | None:
    """Return what is in the part whose job is *job*; None if it is not committed."""
    try:
        return Finished(*json.loads(_committed(job).read_bytes()))
    except FileNotFoundError:
        return None


def _committed(job: BatchJob) -> Path:
    return Path(job.output).with_suffix(_COMMITTED)


def _results(job: BatchJob) -> tuple[str, str]:
    return job.output, job.failures_in_force


def _size(path: Path) -> int:
    return path.stat().st_size


def _beside(output: Path) -> Path:
    return output.with_name(output.name + JOURNAL)


def _content_of(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        with suppress(FileNotFoundError), path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def _journal_of(outputs: list[Path]) -> Iterator[bytes]:
    """Yield the journal of all *outputs*, one after the other."""
    before = 0
    for output in outputs:
        if not output.exists():
            continue
        size = _size(output)
        for chunk in _content_of([_beside(output)]):
            entries = journal_entries(chunk, size)
            yield b"".join(journal_entry(line, before + end) for line, end in entries)
        before += size


def _replace(path: Path, content: Iterator[bytes]) -> None:
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        for chunk in content:
            file.write(chunk)
        _store(file)
    new.replace(path)


def _write(path: Path, content: bytes) -> None:
    """Write a whole file, or nothing; several processes may do it."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with new.open("wb") as file:
        file.write(content)
        _store(file)
    new.replace(path)


def _store(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
