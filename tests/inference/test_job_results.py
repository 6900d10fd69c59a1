"""Results of asynchronous inferences in chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.context import REQUEST_ID, Metadata
from sagemaker_rt.errors import TruncatedBodyError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.inference.job_results import AsyncResultChunks
from sagemaker_rt.inference.s3_requests import S3Object
from sagemaker_rt.sansio.s3_addresses import S3Location
from tests.doubles import BufferedBody


async def test_chunks_have_the_facts_of_the_response() -> None:
    headers = Headers({"content-type": "text/csv", "content-length": "3"})
    metadata = Metadata()
    response = Response(200, headers, BufferedBody(b"ab", b"c"))
    chunks = AsyncResultChunks(S3Object(S3Location("b", "k"), response, metadata))

    assert [b"ab", b"c"] == [chunk async for chunk in chunks]
    assert ("text/csv", 3, "s3://b/k") == (
        chunks.content_type,
        chunks.size,
        chunks.location,
    )
    assert metadata is chunks.metadata
    assert "<AsyncResultChunks s3://b/k>" == repr(chunks)


class CutBody(BufferedBody):
    """A body whose connection is lost after its chunks."""

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        message = "cut"
        raise TruncatedBodyError(message)


async def test_the_error_of_a_cut_result_has_the_facts_of_its_request() -> None:
    response = Response(200, Headers(), CutBody(b"ab"))
    metadata = Metadata({REQUEST_ID: "r"})
    chunks = AsyncResultChunks(S3Object(S3Location("b", "k"), response, metadata))

    assert b"ab" == await anext(chunks)
    with pytest.raises(TruncatedBodyError) as raised:
        await anext(chunks)

    assert ("GetObject", "r") == (raised.value.operation, raised.value.request_id)
