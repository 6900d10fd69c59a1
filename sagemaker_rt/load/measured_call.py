"""One call of a load test, and what is measured of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import (
    ModelError,
    SageMakerRuntimeError,
    ServiceError,
    UnknownServiceError,
)
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.sansio.load_statistics import CallFacts
from sagemaker_rt.shapes import (
    InvokeEndpointInput,
    InvokeEndpointWithResponseStreamInput,
)
from sagemaker_rt.streaming.response_stream import ResponseStream

__all__ = ["LoadInput", "MeasuredCalls", "TokenUnit"]

LoadInput: TypeAlias = InvokeEndpointInput | InvokeEndpointWithResponseStreamInput
"""The input of a call; its class selects the operation."""
TokenUnit: TypeAlias = Literal["tokens", "parts"]
"""What is counted in a stream: tokens of a language model, or parts as received."""

_LONGEST_MESSAGE = 300


class MeasuredCalls:
    """Makes calls, and measures them.

    Args:
        time: A monotonic clock, in seconds.
        unit: What is counted in streams. ``"tokens"`` are text deltas, or if the
            container reports its usage, the tokens in it.
    """

    def __init__(
        self, client: RuntimeClient, time: Callable[[], float], unit: TokenUnit
    ) -> None:
        self._client = client
        self._time = time
        self._unit = unit

    async def call(self, input: LoadInput, due: float) -> CallFacts:
        """Make a call that was due at *due*; errors are facts of the call."""
        started = self._time()
        try:
            if isinstance(input, InvokeEndpointInput):
                facts = await self._unary(input)
            else:
                facts = await self._stream(input)
        except Exception as error:  # noqa: BLE001 - counted by its type
            facts = _facts_of(error)
        return CallFacts(due=due, started=started, ended=self._time(), **facts)

    async def _unary(self, input: InvokeEndpointInput) -> dict[str, Any]:
        output = await self._client.invoke_endpoint(input)
        size = len(output.body)
        return {"response_bytes": size, "retries": _retries(output.metadata)}

    async def _stream(
        self, input: InvokeEndpointWithResponseStreamInput
    ) -> dict[str, Any]:
        call = self._client.invoke_endpoint_with_response_stream(input)
        async with call as stream:
            read = self._read_parts if self._unit == "parts" else self._read_tokens
            return {
                **await read(stream),
                "response_bytes": stream.bytes_read,
                "retries": _retries(stream.metadata),
            }

    async def _read_tokens(self, stream: ResponseStream) -> dict[str, Any]:
        first = last = None
        count = 0
        async for delta in stream.iter_deltas():
            if delta.text or delta.reasoning:
                last = self._time()
                first = last if first is None else first
                count += 1
        usage = stream.usage
        reported = usage.completion_tokens if usage is not None else None
        if not _has_deltas(stream.content_type):
            count = stream.timing.parts  # texts that were received together are one
        return {"first_token": first, "last_token": last, "tokens": reported or count}

    async def _read_parts(self, stream: ResponseStream) -> dict[str, Any]:
        first = last = None
        count = 0
        async for _ in stream.iter_bytes():
            last = self._time()
            first = last if first is None else first
            count += 1
        return {"first_token": first, "last_token": last, "tokens": count}


def _has_deltas(content_type: str | None) -> bool:
    """Return whether a stream has an object for each delta, and is not plain text."""
    return any(word in (content_type or "") for word in ("json", "event-stream"))


def _retries(metadata: Metadata) -> int:
    return max(0, len(metadata.attempts) - 1)


def _facts_of(error: Exception) -> dict[str, Any]:
    """Return the type and text of *error*, and the retries before it."""
    name = type(error).__name__
    if isinstance(error, UnknownServiceError):
        name = f"{name} (HTTP {error.http_status})"
    elif isinstance(error, ServiceError):
        name = error.code or name
    if isinstance(error, ModelError) and error.reason is not None:
        name = f"{name} ({error.reason})"
    text = " ".join(str(error).split())
    facts: dict[str, Any] = {"error": name, "message": text[:_LONGEST_MESSAGE]}
    if isinstance(error, SageMakerRuntimeError):
        facts["retries"] = _retries(error.metadata)
    return facts
