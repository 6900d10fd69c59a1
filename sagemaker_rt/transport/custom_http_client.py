"""Wraps the exceptions of a custom HTTP client in `TransportError`.

What such a client had sent when it failed is unknown. So the errors say that the model
may have run, and the request is not retried by default.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from functools import lru_cache
from types import AsyncGeneratorType
from typing import Any, Final

from sagemaker_rt.errors import (
    ConnectionLostError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    TransportError,
    TruncatedBodyError,
)
from sagemaker_rt.http import ChunkSent, Headers, Request, Response, ResponseBody
from sagemaker_rt.interfaces import HTTPClient

__all__ = ["send_function"]

_OPTION: Final = "http_client"
_TEXT: Final = {str}
_BODY_METHODS: Final = ("read_nowait", "read", "iter_chunks", "release")

# Builtin exceptions keep their type: `except TimeoutError` works with any HTTP client.
_SEND_ERRORS: Final[Mapping[type[Exception], type[SageMakerRuntimeError]]] = {
    TimeoutError: RequestTimeoutError,
    ConnectionError: ConnectionLostError,
    Exception: TransportError,
}
_READ_ERRORS: Final[Mapping[type[Exception], type[SageMakerRuntimeError]]] = {
    TimeoutError: RequestTimeoutError,
    ConnectionError: TruncatedBodyError,
    Exception: TransportError,
}


def send_function(http_client: HTTPClient) -> Callable[[Request], Awaitable[Response]]:
    """Return the ``send`` of *http_client*, with typed errors.

    The HTTP clients of this library set ``wrap_exceptions = False`` and are used as
    they are, without the cost of a wrapper. Exceptions of ``on_chunk_sent``
    propagate unchanged.
    """
    if not getattr(http_client, "wrap_exceptions", True):
        return http_client.send

    async def send(request: Request) -> Response:
        progress = None
        if request.on_chunk_sent is not None:
            request.on_chunk_sent = progress = _Progress(request.on_chunk_sent)
        try:
            sending: Any = http_client.send(request)
            # isinstance(…, Awaitable) takes longer
            if not hasattr(sending, "__await__"):
                raise _wrong(http_client, "has a send() that is not async")  # noqa: TRY301 - beside what it checks
            response: object = await sending
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            if progress is not None and error is progress.error:
                raise
            raise _typed(error, http_client, _SEND_ERRORS) from error
        if not isinstance(response, Response):
            name, kind = type(http_client).__name__, type(response).__name__
            message = f"{_OPTION} {name} returned {kind}; it must return a Response"
            raise _unknown_execution(TransportError(message))
        _require_response(response, http_client)
        # a new response: the client may keep its own, and return it again
        body = _CustomBody(response.body, http_client)
        return Response(response.status, response.headers, body)

    return send


class _Progress:
    """Calls *function*, and keeps the exception that it raised."""

    def __init__(self, function: ChunkSent) -> None:
        self._function = function
        self.error: BaseException | None = None

    async def __call__(self, chunk: bytes, sent: int, total: int) -> None:
        try:
            await self._function(chunk, sent, total)
        except BaseException as error:
            self.error = error
            raise


class _CustomBody:
    """A response body of *http_client*, with typed errors."""

    def __init__(self, body: ResponseBody, http_client: HTTPClient) -> None:
        self._body = body
        self._http_client = http_client

    def read_nowait(self) -> bytes | None:
        """Return the whole body if it has been received already, else None."""
        try:
            return _bytes_or_none(self._body.read_nowait())
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._typed(error) from error

    async def read(self, limit: int) -> bytes:
        """Return the whole body."""
        try:
            return _require_bytes(await self._body.read(limit))
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._typed(error) from error

    async def iter_chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives."""
        chunks = self._body.iter_chunks()
        try:
            while True:
                try:
                    chunk = _bytes_or_none(await anext(chunks, None))
                except SageMakerRuntimeError:
                    raise
                except Exception as error:
                    raise self._typed(error) from error
                if chunk is None:
                    return
                yield chunk
        finally:
            if isinstance(chunks, AsyncGeneratorType):
                await chunks.aclose()

    def release(self) -> None:
        """Give the connection back if the body was read to its end, else abort it."""
        try:
            self._body.release()
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._typed(error) from error

    def _typed(self, error: Exception) -> SageMakerRuntimeError:
        if isinstance(error, _NotBytesError):
            return _wrong(self._http_client, str(error))
        return _typed(error, self._http_client, _READ_ERRORS)


class _NotBytesError(TypeError):
    """A body has something else than bytes."""


def _require_bytes(data: object) -> bytes:
    if isinstance(data, bytes):
        return data
    if isinstance(data, bytearray | memoryview):
        return bytes(data)
    kind = type(data).__name__
    message = f"returned a response whose body has {kind}; it must have bytes"
    raise _NotBytesError(message)


def _bytes_or_none(data: object) -> bytes | None:
    return None if data is None else _require_bytes(data)


def _require_response(response: Response, http_client: HTTPClient) -> None:
    """Check the attributes of *response* that are read before its body."""
    status: object = response.status
    if type(status) is not int:
        kind = type(status).__name__
        problem = f"returned a response whose status is {kind}; it must be an int"
        raise _wrong(http_client, problem)
    headers: object = response.headers
    if not isinstance(headers, Headers):
        kind = type(headers).__name__
        problem = f"returned a response whose headers are {kind}; they must be Headers"
        raise _wrong(http_client, problem)
    types = set(map(type, headers.lower.values()))  # most often only str
    if types != _TEXT and not all(issubclass(one, str) for one in types):
        problem = "returned a response with a header that is not text"
        raise _wrong(http_client, problem)
    body: object = response.body
    if not _has_body_methods(type(body)):  # type: ignore[arg-type] # a type is hashable
        kind, names = type(body).__name__, ", ".join(_BODY_METHODS)
        problem = f"returned a response whose body is {kind}; it must have {names}"
        raise _wrong(http_client, problem)


@lru_cache(16)  # most clients return bodies of one type
def _has_body_methods(kind: type) -> bool:
    return all(callable(getattr(kind, name, None)) for name in _BODY_METHODS)


def _wrong(http_client: HTTPClient, problem: str) -> SageMakerRuntimeError:
    error = TransportError.from_result(_OPTION, http_client, problem)
    return _unknown_execution(error)


def _typed(
    error: Exception,
    http_client: HTTPClient,
    kinds: Mapping[type[Exception], type[SageMakerRuntimeError]],
) -> SageMakerRuntimeError:
    kind = next(kinds[raised] for raised in kinds if isinstance(error, raised))
    return _unknown_execution(kind.from_component(_OPTION, http_client, error))


def _unknown_execution(error: SageMakerRuntimeError) -> SageMakerRuntimeError:
    error.component = _OPTION
    error.request_sent = error.may_have_executed = True
    return error
