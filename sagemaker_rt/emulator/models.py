"""The models that the endpoints of the emulator run.

A model is an async function of one request::

    async def model(request: InvocationRequest) -> bytes: ...

    async def model(request: InvocationRequest) -> ModelResponse: ...

    async def model(request: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one part of a streamed response"

Each form serves all three operations. For a streaming request, bytes are divided into
parts; for the others, parts are joined. A model raises `ModelFailure` to fail with a
certain status; any other exception is a failure with status 500.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
)
from contextlib import AsyncExitStack, aclosing, contextmanager
from typing import Final, TypeAlias

from attrs import field, frozen

from sagemaker_rt.emulator.sessions import Session

__all__ = [
    "InvocationRequest",
    "Model",
    "ModelFailure",
    "ModelResponse",
    "call_model",
    "echo",
    "failing",
    "json_model",
    "slow",
    "tokens",
]

_CLIENT_ERRORS: Final = 400
_SERVER_ERRORS: Final = 500


@frozen(kw_only=True)
class InvocationRequest:
    """The input of a model. Members that were not sent are None."""

    operation: str
    """Name of the operation, such as ``InvokeEndpoint``."""
    endpoint_name: str
    body: bytes = field(repr=False)
    content_type: str | None = None
    accept: str | None = None
    custom_attributes: str | None = field(default=None, repr=False)
    target_model: str | None = None
    target_variant: str | None = None
    target_container_hostname: str | None = None
    inference_id: str | None = None
    enable_explanations: str | None = None
    inference_component_name: str | None = None
    prefix_aware_id: str | None = None
    production_variant: str
    """Name of the variant that runs the model."""
    session: Session | None = None
    """Stateful session that the request opened or joined."""


@frozen
class ModelResponse:
    """The response of a model, with its metadata."""

    body: bytes | AsyncIterator[bytes] = field(repr=False)
    """The complete body, or an iterator of its parts."""
    content_type: str | None = field(default=None, kw_only=True)
    """MIME type; None means Accept of the request, or else octets."""
    custom_attributes: str | None = field(default=None, kw_only=True, repr=False)

    async def whole(self) -> bytes:
        """Return the complete body. An iterator of parts is exhausted by it.

        Raises:
            ModelFailure: The model failed.
        """
        if isinstance(self.body, bytes):
            return self.body
        parts = self.parts(1)
        async with aclosing(parts):
            return b"".join([part async for part in parts])

    async def parts(self, size: int) -> AsyncGenerator[bytes]:
        """Yield the parts of the body; *size* divides a body that is bytes.

        Raises:
            ModelFailure: The model raised an exception between two parts.
        """
        if isinstance(self.body, bytes):
            for start in range(0, len(self.body), size):
                yield self.body[start : start + size]
            return
        async with AsyncExitStack() as stack:
            # runs the `finally` blocks of the model when the client disconnects
            if isinstance(self.body, AsyncGenerator):
                await stack.enter_async_context(aclosing(self.body))
            with _as_model_failures():
                async for part in self.body:
                    yield part


class ModelFailure(Exception):  # noqa: N818 - becomes a ModelError
    """Raised by a model to fail.

    The response is a ModelError, or, after the first part of a stream, an event with a
    ModelStreamError.

    Args:
        status: Status that the model container returned.
        message: Message of the model container.
        error_code: ``ErrorCode`` of the ModelStreamError.
    """

    def __init__(
        self, status: int = 500, message: str = "", *, error_code: str = "StreamBroken"
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.error_code = error_code

    @property
    def summary(self) -> str:
        """Message of the service for this failure."""
        # a container that did not respond has the status 0
        is_server = not _CLIENT_ERRORS <= self.status < _SERVER_ERRORS
        kind = "server" if is_server else "client"
        return (
            f"Received {kind} error ({self.status}) from primary "
            f'with message "{self.message}".'
        )


@contextmanager
def _as_model_failures() -> Generator[None]:
    """Convert exceptions of a model into `ModelFailure`."""
    try:
        yield
    except ModelFailure:
        raise
    # like a container, which responds with 500 to an uncaught exception
    except Exception as error:
        raise ModelFailure(500, f"{type(error).__name__}: {error}") from error


ModelResult: TypeAlias = bytes | ModelResponse | AsyncIterator[bytes]
Model: TypeAlias = Callable[
    [InvocationRequest], Awaitable[ModelResult] | AsyncIterator[bytes]
]
"""An async function that returns the response, or an async generator of its parts."""


async def call_model(model: Model, request: InvocationRequest) -> ModelResponse:
    """Run *model*, and return its response. Parts of a stream are not read yet.

    Raises:
        ModelFailure: The model raised an exception, or returned an invalid type.
    """
    with _as_model_failures():
        called = model(request)
        result = called if isinstance(called, AsyncIterator) else await called
    return _response(result)


def _response(result: object) -> ModelResponse:
    """Return the response of a model; *result* may contradict its annotation."""
    if isinstance(result, ModelResponse):
        return result
    if isinstance(result, bytes | AsyncIterator):
        return ModelResponse(result)
    message = (
        "a model must return bytes, a ModelResponse or an async iterator of bytes, "
        f"not {type(result).__name__}"
    )
    raise ModelFailure(500, message)


async def echo(request: InvocationRequest) -> ModelResponse:
    """Return the body, content type and custom attributes of the request."""
    return ModelResponse(
        request.body,
        content_type=request.content_type,
        custom_attributes=request.custom_attributes,
    )


async def json_model(request: InvocationRequest) -> ModelResponse:
    """Decode a JSON document, and return ``{"received": <the document>}``.

    Raises:
        ModelFailure: The body is not JSON (status 400).
    """
    try:
        document = json.loads(request.body)
    except ValueError as error:
        raise ModelFailure(400, f"the body is not JSON: {error}") from error
    response = json.dumps({"received": document})
    return ModelResponse(response.encode(), content_type="application/json")


def slow(delay: float = 1.0) -> Model:
    """Return a model that waits for *delay* seconds, and then responds like `echo`."""

    async def model(request: InvocationRequest) -> ModelResponse:
        await asyncio.sleep(delay)
        return await echo(request)

    return model


def tokens(pause: float = 0.0) -> Model:
    """Return a model that streams the body of the request word by word.

    Args:
        pause: Seconds before each word.
    """

    async def model(request: InvocationRequest) -> AsyncIterator[bytes]:
        for token in re.findall(rb"\s*\S+\s*", request.body):
            await asyncio.sleep(pause)
            yield token

    return model


def failing(status: int = 500, message: str = "the model failed") -> Model:
    """Return a model that always fails."""

    async def model(_: InvocationRequest) -> bytes:
        raise ModelFailure(status, message)

    return model
