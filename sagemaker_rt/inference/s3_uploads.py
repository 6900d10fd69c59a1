"""Stores files in S3; large ones in several requests."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.http import FileBody
from sagemaker_rt.inference.many_calls import call_many
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.inference.s3_requests import CHECKSUM, NEW_UPLOAD, S3Object
from sagemaker_rt.sansio.s3_addresses import S3Location
from sagemaker_rt.sansio.s3_documents import StoredPart, completion, upload_id
from sagemaker_rt.sansio.s3_parts import UploadPart, upload_parts

__all__ = ["store_file"]

_PART_BYTES: Final = 16 * 1024 * 1024
_IN_FLIGHT: Final = 4
_ABORT_TIMEOUT: Final = 10.0  # seconds


async def store_file(
    s3: S3Client,
    location: S3Location,
    path: Path,
    *,
    content_type: str | None = None,
    part_bytes: int = _PART_BYTES,
) -> None:
    """Store a file at *location*; an existing object is replaced.

    A file of more than four parts is uploaded in parts, four at a time. The object
    appears when all are stored. If one fails, or the call is cancelled, the upload is
    aborted, so that S3 keeps no parts.

    Args:
        content_type: The MIME type to store.
        part_bytes: The size of a part; parts of files over 160 GB are larger.

    Raises:
        S3Error: S3 responded with an error.
        TransportError: There was no response; the object may have been stored.
        OSError: The file cannot be read.
    """
    with await asyncio.to_thread(path.open, "rb") as file:
        body = FileBody(file)
        size = len(body)
        if size <= _IN_FLIGHT * part_bytes:
            await s3.put(location, body, content_type=content_type)
            return
    document = await s3.send(
        "CreateMultipartUpload",
        location,
        query=NEW_UPLOAD,
        content_type=content_type,
        is_document=True,
    )
    upload = f"uploadId={quote(upload_id(document), safe='')}"
    try:
        await _store_parts(
            s3, location, path, upload, [*upload_parts(size, part_bytes)]
        )
    except BaseException:
        with suppress(SageMakerRuntimeError, TimeoutError):
            async with asyncio.timeout(_ABORT_TIMEOUT):
                await s3.send("AbortMultipartUpload", location, query=upload)
        raise


async def _store_parts(
    s3: S3Client, location: S3Location, path: Path, upload: str, parts: list[UploadPart]
) -> None:
    async def store(part: UploadPart) -> StoredPart:
        query = f"partNumber={part.number}&{upload}"
        body = await asyncio.to_thread(_read, path, part)
        stored: S3Object = await s3.send("UploadPart", location, query=query, body=body)
        stored.release()
        checksum = stored.response.headers.get(CHECKSUM)
        return StoredPart(part.number, stored.etag or "", checksum)

    async with call_many(store, parts, concurrency=_IN_FLIGHT) as results:
        stored = [result.output async for result in results]
    await s3.send(
        "CompleteMultipartUpload",
        location,
        query=upload,
        body=completion(stored),
        content_type="application/xml",
        is_document=True,
    )


def _read(path: Path, part: UploadPart) -> bytes:
    with path.open("rb") as file:
        file.seek(part.start)
        return file.read(part.size)
