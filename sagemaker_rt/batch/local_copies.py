"""Local copies of the files of a batch job that are in S3."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import secrets
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Self

from sagemaker_rt.batch.job import BatchJob, is_in_s3
from sagemaker_rt.batch.result_files import JOURNAL, needs_journal
from sagemaker_rt.errors import ParamValidationError, S3Error, SageMakerRuntimeError
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.inference.s3_listing import list_objects
from sagemaker_rt.inference.s3_uploads import store_file
from sagemaker_rt.sansio.s3_addresses import S3Location, parse_location, parse_prefix
from sagemaker_rt.sansio.s3_documents import ListedObject

__all__ = ["LocalCopies"]

_TYPES: Final = {".csv": "text/csv", JOURNAL: "application/octet-stream"}
_LINES: Final = "application/jsonlines"
_LISTING: Final = ".listing"
_NOT_FOUND: Final = 404
_ABSENT: Final = {403, 404}  # without permission to list, S3 denies access
_LONGEST_NAME: Final = 200  # characters; file systems take 255 bytes


class LocalCopies:
    """Where the files of a job are on this machine, and their transfers.

    Args:
        s3: The client of S3; None if no file is there.
    """

    def __init__(self, job: BatchJob, s3: S3Client | None) -> None:
        self._job = job
        self._s3 = s3
        self._folder = parse_prefix(job.input) if job.lists_input else None
        self.input: Final = self._path(job.input)
        """The local file or folder of inputs; for a folder in S3, the file that lists
        its objects."""
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

        The objects of a folder are listed; `read` receives them.

        Raises:
            ParamValidationError: A file of results is the input, or exists in S3, and
                the job neither resumes nor overwrites; the folder has no objects; the
                bucket of results does not exist; or a copy cannot be written.
            S3Error: S3 responded with an error, such as ``NoSuchKey``.
            TransportError: There was no response.
        """
        for path in (self.output, self.failures):
            if _is_same(path, self.input):
                problem = f"{path} is the input; it must be another file"
                raise ParamValidationError(problem, [problem])
        for bucket in {location.bucket for location, _ in self._results()}:
            await self._require(bucket)
        if not (self._job.resumes or self._job.overwrite):
            for location, _ in self._results():
                await self._refuse(location)
        if self._folder is not None:
            await self._list(self._folder)
        elif is_in_s3(self._job.input):
            await self._fetch(parse_location(self._job.input), self.input)
        for location, path in self._results() if self._job.resumes else ():
            # of two files, the one here is that of the last run on this machine
            if not path.exists():
                await self._fetch_result(location, path)

    async def read(self, name: str) -> bytes:
        """Return the content of a file in the folder of inputs.

        Raises:
            OSError: It cannot be read, or is not a regular file of at most
                ``max_line_bytes``.
            S3Error: S3 responded with an error.
            TransportError: There was no response.
            ResponseTooLargeError: It is larger than when it was listed.
        """
        if self._folder is None:
            limit = self._job.max_line_bytes
            return await asyncio.to_thread(_content, self.input / name, limit)
        prefix = self._folder
        location = S3Location(prefix.bucket, prefix.key + name, prefix.region)
        found = await self._client.get(location)
        return await found.read(self._job.max_line_bytes)

    async def store(self) -> None:
        """Copy results and failures to S3.

        Raises:
            S3Error: S3 responded with an error.
            TransportError: There was no response.
            OSError: A file cannot be read.
        """
        for location, path in self._results():
            await self._store(location, path)

    @property
    def _client(self) -> S3Client:
        assert self._s3 is not None  # noqa: S101 - made if a location is in S3
        return self._s3

    def _path(self, path: str) -> Path:
        if not is_in_s3(path):
            return Path(path)
        is_folder = self._job.lists_input and path == self._job.input
        location = parse_prefix(path) if is_folder else parse_location(path)
        # a key is not a path: it may have empty parts, or `..`
        name = location.key.replace("%", "%25").replace("/", "%2F")
        if len(name.encode()) > _LONGEST_NAME:
            name = sha256(name.encode()).hexdigest()
        suffix = _LISTING if is_folder else ""
        return Path(self._job.work_folder, location.bucket, name + suffix)

    def _results(self) -> list[tuple[S3Location, Path]]:
        """Return the files of results that are in S3."""
        paths = [(self._job.output, self.output)]
        paths.append((self._job.failures_in_force, self.failures))
        if needs_journal(self._job):
            name = self.output.name + JOURNAL
            paths.append((self._job.output + JOURNAL, self.output.with_name(name)))
        return [(parse_location(uri), path) for uri, path in paths if is_in_s3(uri)]

    async def _require(self, bucket: str) -> None:
        """Raise ParamValidationError if *bucket* does not exist."""
        try:
            await self._client.head(S3Location(bucket, ""))
        except S3Error as error:  # without permission to list, access is denied
            if error.http_status == _NOT_FOUND:
                problem = f"the bucket {bucket} does not exist"
                raise ParamValidationError(problem, [problem]) from error

    async def _refuse(self, location: S3Location) -> None:
        """Raise ParamValidationError if there is an object that is not empty."""
        try:
            found = await self._client.head(location)
        except S3Error as error:
            if error.http_status not in _ABSENT:
                raise
            return
        if found.size:
            problem = f"{location} exists; resume the job, or overwrite it"
            raise ParamValidationError(problem, [problem])

    async def _fetch_result(self, location: S3Location, path: Path) -> None:
        try:
            await self._fetch(location, path)
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise

    async def _fetch(self, location: S3Location, path: Path) -> None:
        """Copy an object."""
        found = await self._client.get(location)
        try:
            with _written(path) as file:
                async for chunk in found.iter_chunks():
                    await asyncio.to_thread(file.write, chunk)
        finally:
            found.release()

    async def _list(self, prefix: S3Location) -> None:
        """List the objects of a folder in a file."""
        results = {location.key for location, _ in self._results()}
        is_empty = True
        with _written(self.input) as file:
            async for page in list_objects(self._client, prefix):
                is_empty = is_empty and not page
                for one in _inputs(page, len(prefix.key), results):
                    file.write(json.dumps(one).encode() + b"\n")
        if is_empty:
            problem = f"there are no objects in {prefix}"
            raise ParamValidationError(problem, [problem])

    async def _store(self, location: S3Location, path: Path) -> None:
        suffix = Path(location.key).suffix
        content_type = _TYPES.get(suffix, _LINES)
        try:
            await store_file(self._client, location, path, content_type=content_type)
        except FileNotFoundError:  # no failures: an object of an earlier run is emptied
            if self._job.resumes or self._job.overwrite:
                await self._client.put(location, b"", content_type=content_type)


def _inputs(
    page: list[ListedObject], start: int, results: set[str]
) -> Iterator[ListedObject]:
    """Yield the objects of a folder that are inputs, with their names in it.

    Hidden ones are left out, as those of a local folder, and so are objects that stand
    for folders.
    """
    for key, size in page:
        name = key[start:]
        is_hidden = any(part.startswith(".") for part in name.split("/"))
        if name and not (is_hidden or name.endswith("/") or key in results):
            yield ListedObject(name, size)


@contextmanager
def _written(path: Path) -> Generator[BinaryIO]:
    """Write a file that appears when it is complete; several processes may do it.

    Raises:
        ParamValidationError: It cannot be written.
    """
    part = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except SageMakerRuntimeError:  # a timeout is an OSError as well
        raise
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}"
        raise ParamValidationError(problem, [problem]) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _content(path: Path, limit: int) -> bytes:
    """Return the content of the file *path*, which may have grown since it was listed.

    Raises:
        OSError: It cannot be read, is not a regular file, or has more than *limit*
            bytes. A pipe would block, and a device may have no end.
    """
    # without O_NONBLOCK, opening a pipe would wait for a writer
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit} bytes")
    return content


def _is_same(path: Path, other: Path) -> bool:
    """Return whether both files exist, and are the same.

    Raises:
        ParamValidationError: That cannot be found out: a folder cannot be searched, for
            example, or a name is too long.
    """
    try:
        return path.samefile(other)
    except FileNotFoundError:
        return False
    except OSError as error:
        problem = f"{error.filename} cannot be opened: {error.strerror}"
        raise ParamValidationError(problem, [problem]) from error
