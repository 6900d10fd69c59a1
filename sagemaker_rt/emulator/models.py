"""Models: what an endpoint of the emulator runs.

A model is an async function of one request::

    async def model(request: InvocationRequest) -> bytes: ...

    async def model(request: InvocationRequest) -> ModelResponse: ...

    async def model(request: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one part of a streamed answer"

Any of them serves all three operations: a whole answer is cut into parts where a stream
is asked for, and parts are put together where it is not. To fail, a model raises
`ModelFailure`; anything else that it raises counts as a failure of status 500.
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
    "BUILT_IN",
    "InvocationRequest",
    "Model",
    "ModelFailure",
    "ModelResponse",
    "ask",
    "echo",
    "failing",
    "json_model",
    "slow",
    "tokens",
]

_SERVER_ERRORS: Final = 500


@frozen(kw_only=True)
class InvocationRequest:
    """What a model is asked; members that were not sent are None."""

    operation: str
    """``InvokeEndpoint``, say."""
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
    """The variant that runs the model."""
    session: Session | None = None
    """The stateful session that the request opened or joined."""


@frozen
class ModelResponse:
    """A model's answer, with what it says about it."""

    body: bytes | AsyncIterator[bytes] = field(repr=False)
    """All of it, or its parts as they come."""
    content_type: str | None = field(default=None, kw_only=True)
    """None answers with what the request accepts, or with octets."""
    custom_attributes: str | None = field(default=None, kw_only=True, repr=False)

    async def whole(self) -> bytes:
        """Return all of the body; its parts are gone then."""
        if isinstance(self.body, bytes):
            return self.body
        parts = self.parts(1)
        async with aclosing(parts):
            return b"".join([part async for part in parts])

    async def parts(self, size: int) -> AsyncGenerator[bytes]:
        """Yield the body's own parts, or a whole body in parts of *size* bytes.

        Raises:
            ModelFailure: The model failed between two of them, whatever it raised.
        """
        if isinstance(self.body, bytes):
            for start in range(0, len(self.body), size):
                yield self.body[start : start + size]
            return
        async with AsyncExitStack() as stack:
            if isinstance(self.body, AsyncGenerator):
                await stack.enter_async_context(aclosing(self.body))
            with _failures():
                async for part in self.body:
                    yield part


class ModelFailure(Exception):  # noqa: N818 - raised by models, caught by the emulator
    """What a model raises to fail: its container's status and message.

    Before its first part this becomes a ModelError, after it a ModelStreamError.
    """

    def __init__(
        self, status: int = 500, message: str = "", *, error_code: str = "StreamBroken"
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.error_code = error_code
        """The ``ErrorCode`` of a ModelStreamError."""

    @property
    def summary(self) -> str:
        """What the service says of it."""
        kind = "server" if self.status >= _SERVER_ERRORS else "client"
        return (
            f"Received {kind} error ({self.status}) from primary "
            f'with message "{self.message}".'
        )


@contextmanager
def _failures() -> Generator[None]:
    """Turn whatever a model raises into a `ModelFailure`."""
    try:
        yield
    except ModelFailure:
        raise
    except Exception as error:
        raise ModelFailure(500, f"{type(error).__name__}: {error}") from error


ModelAnswer: TypeAlias = bytes | ModelResponse | AsyncIterator[bytes]
Model: TypeAlias = Callable[
    [InvocationRequest], Awaitable[ModelAnswer] | AsyncIterator[bytes]
]
"""An async function of a request, or an async generator of the parts of its answer."""


async def ask(model: Model, request: InvocationRequest) -> ModelResponse:
    """Return the answer of *model*; parts of a stream have yet to come.

    Raises:
        ModelFailure: It failed, whatever it raised.
    """
    with _failures():
        begun = model(request)
        answer = begun if isinstance(begun, AsyncIterator) else await begun
    return _response(answer)


def _response(answer: object) -> ModelResponse:
    """Return what a model answered, which may ignore what its type says."""
    if isinstance(answer, ModelResponse):
        return answer
    if isinstance(answer, bytes | AsyncIterator):
        return ModelResponse(answer)
    message = f"a model answers with bytes or parts, not with {type(answer).__name__}"
    raise ModelFailure(500, message)


async def echo(request: InvocationRequest) -> ModelResponse:
    """Answer with what was sent."""
    return ModelResponse(
        request.body,
        content_type=request.content_type,
        custom_attributes=request.custom_attributes,
    )


async def json_model(request: InvocationRequest) -> ModelResponse:
    """Read a JSON document, and answer ``{"received": <the document>}``.

    Raises:
        ModelFailure: The body is no JSON.
    """
    try:
        document = json.loads(request.body)
    except ValueError as error:
        raise ModelFailure(400, f"the body is not JSON: {error}") from error
    answer = json.dumps({"received": document})
    return ModelResponse(answer.encode(), content_type="application/json")


def slow(delay: float = 1.0) -> Model:
    """Return a model that answers as `echo` does, after *delay* seconds."""

    async def model(request: InvocationRequest) -> ModelResponse:
        await asyncio.sleep(delay)
        return await echo(request)

    return model


def tokens(pause: float = 0.0) -> Model:
    """Return a model that streams what was sent word by word.

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


BUILT_IN: Final[dict[str, Model]] = {
    "echo": echo,
    "json": json_model,
    "slow": slow(),
    "tokens": tokens(),
    "failing": failing(),
}
"""The endpoints that every emulator has."""
