"""A batch job before it runs on a cluster: its checks, and its parts."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import attrs

from sagemaker_rt.batch.calls import BatchCalls
from sagemaker_rt.batch.input_parts import InputPart, split_file, split_folder
from sagemaker_rt.batch.inputs import BatchInputs
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.batch.part_files import PartFiles
from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.batch_totals import Finished

__all__ = ["PlannedJob", "PreparedJob"]


class PlannedJob(NamedTuple):
    """A job, and how it is run on a cluster."""

    job: BatchJob
    options: Options
    per_worker: int | None
    part_lines: int
    part_timeout: float

    def check(self, client: RuntimeClient, copies: LocalCopies) -> None:
        """Check the members of calls.

        Raises:
            ParamValidationError: One is invalid, or the output is inside the input.
        """
        BatchCalls(client, self.job, copies.read)
        inside = copies.input.resolve() in copies.output.resolve().parents
        if self.job.format_in_force == "files" and inside:
            problem = f"the output {copies.output} must not be inside of the input"
            raise ParamValidationError(problem, [problem])

    def prepare(self, copies: LocalCopies) -> PreparedJob | None:
        """Split the input, or continue an earlier run; this blocks.

        None means that the output is that of a finished job. The caller closes the
        files of parts.

        Raises:
            ParamValidationError: The input cannot be read, or results are there, and
                the job neither resumes nor overwrites.
        """
        job = attrs.evolve(
            self.job,
            input=self.job.input if self.job.lists_input else copies.input.absolute(),
            output=copies.output.absolute(),
            failures=copies.failures.absolute(),
            format=self.job.format_in_force,
            work_folder=Path(self.job.work_folder).absolute(),
        )
        inputs = BatchInputs(job, copies.input, frozenset(), lambda: False)
        size = inputs.total_bytes()
        with ExitStack() as stack:
            files = PartFiles(job)
            stack.callback(files.close)
            if files.start():
                parts = files.load(size)
            elif job.resumes and Path(job.output).exists():
                files.remove()
                return None
            else:
                parts = list(self._split(job, inputs))
                files.save(parts, size)
            prepared = _prepared(job, files, parts, size)
            stack.pop_all()
        return prepared

    def _split(self, job: BatchJob, inputs: BatchInputs) -> list[InputPart]:
        if job.format == "files":
            return [*split_folder(inputs.count_files(), self.part_lines)]
        return [*split_file(job, Path(job.input), self.part_lines)]


class PreparedJob(NamedTuple):
    """A job whose input is split."""

    job: BatchJob
    """The job, with local paths."""
    files: PartFiles
    parts: list[InputPart]
    size: int
    """The size of the input in bytes."""
    left: list[int]
    """The parts that have to be called."""
    finished: dict[int, Finished]
    """What earlier runs finished, by part."""

    def close(self) -> None:
        """Close the files of parts."""
        self.files.close()


def _prepared(
    job: BatchJob, files: PartFiles, parts: list[InputPart], size: int
) -> PreparedJob:
    left: list[int] = []
    finished: dict[int, Finished] = {}
    for index, part in enumerate(parts):
        found = files.committed(index)
        if found is not None and not (found.failures and job.retry_failed):
            finished[index] = found
            continue
        left.append(index)
        if found is None:
            has_header = job.header and not part.start
            finished[index] = files.finished(index, has_header=has_header)
        else:
            files.uncommit(index)
            finished[index] = found._replace(failures=0)
    return PreparedJob(job, files, parts, size, left, finished)
