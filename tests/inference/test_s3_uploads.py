"""Files in S3, with a server in memory; moto's uploads are in tests/conformance."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from sagemaker_rt.errors import S3Error
from sagemaker_rt.http import Request, Response
from sagemaker_rt.inference.s3_uploads import store_file
from sagemaker_rt.sansio.s3_documents import StoredPart, completion
from tests.doubles import ManualClock, response
from tests.inference.s3_answers import KEY, failure, found, s3_client

CREATED = b"<R><UploadId>the id+</UploadId></R>"
ERROR = b'<?xml version="1.0"?>\n\n<Error><Code>InternalError</Code></Error>'


class Uploads:
    """S3 for one upload: answers each operation, and keeps what it received.

    Args:
        answers: Replace the answers to the operation with that name.
    """

    def __init__(self, **answers: list[Response]) -> None:
        self.operations: list[str] = []
        self.requests: dict[str, Request] = {}
        self.parts: dict[int, bytes] = {}
        self.at: dict[str, asyncio.Event] = {}
        self._answers = answers

    async def send(self, request: Request) -> Response:
        name, number = operation_of(request)
        self.operations.append(name)
        self.requests[name] = request.copy()
        if name in self.at:
            self.at.pop(name).set()
            await asyncio.Event().wait()
        if answers := self._answers.get(name):
            return answers.pop(0)
        if name == "part":
            assert isinstance(request.body, bytes)
            self.parts[number] = request.body
            checksum = request.headers.get("x-amz-checksum-sha256")
            headers = {"x-amz-checksum-sha256": checksum} if checksum else {}
            return response(200, {"ETag": f'"{number}"', **headers})
        return response(200, {}, CREATED if name == "create" else b" <Done/>")

    async def aclose(self) -> None:
        pass


def operation_of(request: Request) -> tuple[str, int]:
    query = parse_qs(request.query, keep_blank_values=True)
    if "uploads" in query:
        return "create", 0
    if "uploadId" not in query:
        return request.method.lower(), 0
    assert ["the id+"] == query["uploadId"]
    names = {"PUT": "part", "POST": "complete", "DELETE": "abort"}
    return names[request.method], int(query.get("partNumber", ["0"])[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return file_in(tmp_path, 10)


def file_in(folder: Path, size: int) -> Path:
    path = folder / f"{size} bytes"
    path.write_bytes(b"0123456789"[:size])
    return path


async def stored(uploads: Uploads, path: Path, **fields: Any) -> None:
    http_client: Any = uploads
    s3 = await s3_client(http_client, ManualClock(), **fields)
    await store_file(s3, KEY, path, content_type="text/csv", part_bytes=2)


async def test_a_small_file_is_stored_by_one_request(tmp_path: Path) -> None:
    uploads = Uploads()

    await stored(uploads, file_in(tmp_path, 8))

    assert ["put"] == uploads.operations


async def test_a_large_file_is_stored_in_parts_with_checksums(path: Path) -> None:
    uploads = Uploads()

    await stored(uploads, path)

    assert ["create", *["part"] * 5, "complete"] == uploads.operations
    assert {n + 1: b"%d%d" % (2 * n, 2 * n + 1) for n in range(5)} == uploads.parts
    create = uploads.requests["create"].headers
    assert ("text/csv", "SHA256") == (
        create["content-type"],
        create["x-amz-checksum-algorithm"],
    )
    body = uploads.requests["complete"].body
    assert isinstance(body, bytes)
    assert 5 == body.count(b"<ChecksumSHA256>")
    assert (
        sha256(body).hexdigest()
        == (uploads.requests["complete"].headers["x-amz-content-sha256"])
    )


async def test_an_upload_without_hashes_has_no_checksums(path: Path) -> None:
    uploads = Uploads()

    await stored(uploads, path, payload_signing="unsigned")

    parts = [StoredPart(number, f'"{number}"', None) for number in range(1, 6)]
    assert completion(parts) == uploads.requests["complete"].body
    assert "x-amz-checksum-algorithm" not in uploads.requests["create"].headers


async def test_an_error_after_the_status_200_is_retried(path: Path) -> None:
    uploads = Uploads(complete=[response(200, {}, ERROR)])

    await stored(uploads, path)

    assert ["complete"] * 2 == uploads.operations[-2:]


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        ({"create": [failure(403, "AccessDenied")]}, ["create"]),
        ({"complete": [response(200, {}, ERROR)] * 3}, ["complete"] * 3 + ["abort"]),
        ({"complete": [failure(400, "InvalidPart")]}, ["complete", "abort"]),
        (
            {"part": [failure(403, "AccessDenied")], "abort": [failure(404, "Gone")]},
            ["abort"],
        ),
    ],
    ids=["create", "complete", "incomplete", "part"],
)
async def test_a_failed_upload_is_aborted(
    path: Path, answers: dict[str, list[Response]], sent: list[str]
) -> None:
    uploads = Uploads(**answers)

    with pytest.raises(S3Error):
        await stored(uploads, path)

    assert sent == uploads.operations[-len(sent) :]


@pytest.mark.parametrize("name", ["part", "complete"])
async def test_a_cancelled_upload_is_aborted(path: Path, name: str) -> None:
    uploads = Uploads()
    is_there = uploads.at[name] = asyncio.Event()
    task = asyncio.create_task(stored(uploads, path))

    await is_there.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert "abort" == uploads.operations[-1]


async def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await stored(Uploads(put=[found()]), tmp_path / "none")
