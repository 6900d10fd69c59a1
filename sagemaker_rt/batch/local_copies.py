"""Local copies of the files of a batch job that are in S3."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final, Self

from sagemaker_rt.batch.job import BatchJob, is_in_s3
from sagemaker_rt.batch.result_files import JOURNAL, needs_journal
from sagemaker_rt.errors import ParamValidationError, S3Error
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.sansio.request_body import to_body
from sagemaker_rt.sansio.s3_addresses import S3Location, parse_location

__all__ = ["LocalCopies"]

_TYPES: Final = {".csv": "text/csv", JOURNAL: "application/octet-stream"}
_LINES: Final = "application/jsonlines"


class LocalCopies:
    """Where the files of a job are on this machine, and their transfers.

    Args:
        s3: The client of S3; None if no file is there.
    """

    def __init__(self, job: BatchJob, s3: S3Client | None) -> None:
        self._job = job
        self._s3 = s3
        self.input: Final = self._path(job.input)
        """The local file or folder of inputs."""
        self.output: Final = self._path(job.output)
        """The local file of results."""
        self.failures: Final = self._path(job.failures_in_force)
        """The local file of failures."""

    @classmethod
    async def of(cls, job: BatchJob, client: RuntimeClient) -> Self:
        """Return the copies of *job*, with a client of S3 if one is needed.

        Raises:
            SageMakerRuntimeError: The configuration of *client* is invalid.
        """
        paths = (job.input, job.output, job.failures_in_force)
        needs_s3 = any(map(is_in_s3, paths))
        return cls(job, await S3Client.of(client) if needs_s3 else None)

    async def fetch(self) -> None:
        """Copy the input, and the results of an earlier run if they are not here.

        Raises:
            ParamValidationError: The input is a folder in S3.
            S3Error: S3 responded with an error, such as ``NoSuchKey``.
            TransportError: There was no response.
        """
        if is_in_s3(self._job.input):
            if self._job.format_in_force == "files":
                problem = "a folder of inputs must be on this machine, not in S3"
                raise ParamValidationError(problem, [problem])
            await self._fetch(parse_location(self._job.input), self.input)
        if not self._job.resumes:
            return
        for location, path in self._results():
            if not path.exists():
                await self._fetch_result(location, path)

    async def store(self) -> None:
        """Copy results and failures to S3.

        Raises:
            S3Error: S3 responded with an error.
            TransportError: There was no response.
        """
        for location, path in self._results():
            await self._store(location, path)

    def _path(self, path: str) -> Path:
        if not is_in_s3(path):
            return Path(path)
        location = parse_location(path)
        # a key is not a path: it may have empty parts, or `..`
        name = location.key.replace("%", "%25").replace("/", "%2F")
        return Path(self._job.work_folder, location.bucket, name)

    def _results(self) -> list[tuple[S3Location, Path]]:
        """Return the files of results that are in S3."""
        paths = [(self._job.output, self.output)]
        paths.append((self._job.failures_in_force, self.failures))
        if needs_journal(self._job):
            name = self.output.name + JOURNAL
            paths.append((self._job.output + JOURNAL, self.output.with_name(name)))
        return [(parse_location(uri), path) for uri, path in paths if is_in_s3(uri)]

    async def _fetch_result(self, location: S3Location, path: Path) -> None:
        try:
            await self._fetch(location, path)
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise

    async def _fetch(self, location: S3Location, path: Path) -> None:
        """Copy an object; a copy that is not complete has another name."""
        assert self._s3 is not None  # noqa: S101 - made if a location is in S3
        found = await self._s3.get(location)
        part = path.with_name(f"{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                async for chunk in found.iter_chunks():
                    await asyncio.to_thread(file.write, chunk)
        finally:
            found.release()
        part.replace(path)

    async def _store(self, location: S3Location, path: Path) -> None:
        assert self._s3 is not None  # noqa: S101 - made if a location is in S3
        content_type = _TYPES.get(path.suffix, _LINES)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:  # no failures: an object of an earlier run is emptied
            if self._job.resumes or self._job.overwrite:
                await self._s3.put(location, b"", content_type=content_type)
            return
        with file:
            await self._s3.put(location, to_body(file), content_type=content_type)
