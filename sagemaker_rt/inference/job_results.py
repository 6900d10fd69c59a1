"""Results of asynchronous inferences in chunks, for responses of any size."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.inference.s3_requests import S3Object

__all__ = ["AsyncResultChunks"]


class AsyncResultChunks(AsyncIterator[bytes]):
    """The response of the model in chunks, as they are received; for one reader.

    A read that is cancelled loses nothing.
    """

    def __init__(self, stored: S3Object) -> None:
        self._stored = stored
        self._chunks = stored.iter_chunks()

    @property
    def content_type(self) -> str | None:
        """The MIME type of the response."""
        return self._stored.content_type

    @property
    def size(self) -> int | None:
        """The size of the response in bytes; None if S3 did not send it."""
        return self._stored.size

    @property
    def location(self) -> str:
        """The S3 URI of the response."""
        return self._stored.location.uri

    @property
    def metadata(self) -> Metadata:
        """Request ID, attempts and times of the request to S3."""
        return self._stored.metadata

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except SageMakerRuntimeError as error:
            self._stored.describe(error)
            error.operation = "GetObject"
            raise

    def __repr__(self) -> str:
        return f"<AsyncResultChunks {self.location}>"
