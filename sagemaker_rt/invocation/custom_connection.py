"""Wraps the exceptions of a custom duplex client, and of its connections.

What they had sent when they failed is unknown, so the errors say that the model may
have run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from typing import Final

from sagemaker_rt.errors import ComponentError, SageMakerRuntimeError
from sagemaker_rt.http import Request, Response, ResponseBody
from sagemaker_rt.sansio.stream_deadlines import StreamLimits
from sagemaker_rt.streaming.duplex import DuplexClient, DuplexConnection

__all__ = ["open_connection"]

_OPTION: Final = "duplex_client"
_METHODS: Final = ("wait_for_room", "write", "end", "drain", "response", "close")


async def open_connection(
    client: DuplexClient, request: Request, limits: StreamLimits
) -> DuplexConnection:
    """Return a connection of *client*, whose exceptions are typed.

    The client of this library sets ``wrap_exceptions = False`` and is used as it is.

    Raises:
        ComponentError: *client* raised an exception, or returned something else.
        SageMakerRuntimeError: *client* raised it.
    """
    if not getattr(client, "wrap_exceptions", True):
        return await client.open(request, limits)
    with _typed(client):
        connection: object = await client.open(request, limits)
    if not all(callable(getattr(connection, name, None)) for name in _METHODS):
        raise _wrong(client, f"opened {type(connection).__name__}", "DuplexConnection")
    return _CustomConnection(connection, client)  # type: ignore[arg-type] # it has the methods


@contextmanager
def _typed(client: DuplexClient) -> Generator[None]:
    try:
        yield
    except SageMakerRuntimeError:
        raise
    except Exception as error:
        typed = ComponentError.from_component(_OPTION, client, error)
        raise _unknown_execution(typed) from error


def _wrong(client: DuplexClient, problem: str, expected: str) -> ComponentError:
    error = ComponentError.from_result(
        _OPTION, client, f"{problem}; it must be a {expected}"
    )
    return _unknown_execution(error)


def _unknown_execution(error: ComponentError) -> ComponentError:
    error.request_sent = error.may_have_executed = True
    return error


class _CustomConnection:
    """A `DuplexConnection` with typed errors."""

    def __init__(self, connection: DuplexConnection, client: DuplexClient) -> None:
        self._connection: Final = connection
        self._client: Final = client

    @property
    def has_room(self) -> bool:
        with _typed(self._client):
            return self._connection.has_room

    @property
    def is_ended(self) -> bool:
        with _typed(self._client):
            return self._connection.is_ended

    async def wait_for_room(self) -> None:
        with _typed(self._client):
            await self._connection.wait_for_room()

    def write(self, data: bytes) -> None:
        with _typed(self._client):
            self._connection.write(data)

    def end(self) -> None:
        with _typed(self._client):
            self._connection.end()

    async def drain(self) -> None:
        with _typed(self._client):
            await self._connection.drain()

    async def response(self) -> Response:
        with _typed(self._client):
            response: object = await self._connection.response()
        if not isinstance(response, Response):
            problem = f"returned {type(response).__name__} as a response"
            raise _wrong(self._client, problem, "Response")
        body = _CustomBody(response.body, self._client)
        return Response(response.status, response.headers, body)

    def close(self) -> None:
        with _typed(self._client):
            self._connection.close()


class _CustomBody:
    """A response body with typed errors."""

    def __init__(self, body: ResponseBody, client: DuplexClient) -> None:
        self._body: Final = body
        self._client: Final = client

    def read_nowait(self) -> bytes | None:
        with _typed(self._client):
            return self._body.read_nowait()

    async def read(self, limit: int) -> bytes:
        with _typed(self._client):
            return await self._body.read(limit)

    def iter_chunks(self) -> AsyncIterator[bytes]:
        with _typed(self._client):
            return _CustomChunks(self._body.iter_chunks(), self._client)

    def release(self) -> None:
        with _typed(self._client):
            self._body.release()


class _CustomChunks(AsyncIterator[bytes]):
    """Chunks of a response body with typed errors."""

    def __init__(self, chunks: AsyncIterator[bytes], client: DuplexClient) -> None:
        self.is_cancel_safe: Final = getattr(chunks, "is_cancel_safe", False)
        self._chunks: Final = chunks
        self._client: Final = client

    async def __anext__(self) -> bytes:
        with _typed(self._client):
            chunk: object = await anext(self._chunks, None)
        if chunk is None:
            raise StopAsyncIteration
        if not isinstance(chunk, bytes):
            raise _wrong(self._client, f"received {type(chunk).__name__}", "bytes")
        return chunk
