"""A connection in memory, and the parts of a stream on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import ClientStateError, SageMakerRuntimeError
from sagemaker_rt.http import Headers, Response
from sagemaker_rt.identity import Credentials
from sagemaker_rt.sansio.event_signing import EventSigner, SignatureChain
from sagemaker_rt.shapes import InvokeEndpointWithBidirectionalStreamOutput
from sagemaker_rt.step_inputs import Output

__all__ = ["Connection", "output", "signer"]

KEYS = Credentials("AKIDEXAMPLE", "a-secret")


class Connection(AsyncIterator[bytes]):
    """A `DuplexConnection`, and the body of its response."""

    is_cancel_safe = True

    def __init__(
        self, *chunks: bytes, error: SageMakerRuntimeError | None = None
    ) -> None:
        self.has_room = True
        self.is_ended = False
        self.is_closed = False
        self.has_end = False
        self.written: list[bytes] = []
        self.room = asyncio.Event()
        self._chunks = list(chunks)
        self._error = error

    async def wait_for_room(self) -> None:
        await self.room.wait()
        if self._error is not None:
            raise self._error

    def write(self, data: bytes) -> None:
        if self.is_closed:
            message = "closed"
            raise ClientStateError(message)
        self.written.append(data)

    def end(self) -> None:
        self.has_end = True

    async def drain(self) -> None:
        await asyncio.sleep(0)

    async def response(self) -> Response:
        if self._error is not None:
            raise self._error
        return Response(200, Headers(), self)

    def close(self) -> None:
        self.is_closed = True
        self.room.set()

    def read_nowait(self) -> bytes | None:
        return None

    async def read(self, limit: int) -> bytes:
        return b"".join(self._chunks)[:limit]

    def iter_chunks(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._chunks:
            return self._chunks.pop(0)
        if self._error is not None:
            raise self._error
        self.is_ended = True
        raise StopAsyncIteration

    def release(self) -> None:
        self.close()


def signer() -> EventSigner:
    chain = SignatureChain(
        KEYS, region="us-east-1", service="sagemaker", prior="ab" * 32
    )
    return EventSigner(chain)


def output(connection: Connection | None) -> Output:
    """Return the output of a call whose response *connection* has."""
    response = None
    if connection is not None:
        response = Response(200, Headers(), connection)
    result = InvokeEndpointWithBidirectionalStreamOutput(metadata=Metadata())
    return Output(result, response, result.metadata)
