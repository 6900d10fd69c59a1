"""A call by the table, and what came of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import evolve, field, frozen

from sagemaker_rt import (
    Client,
    Credentials,
    NoRetry,
    Options,
    PayloadPart,
    RetryDecision,
    RetryQuota,
    SageMakerRuntimeError,
    ServiceError,
    StandardRetryer,
    UnknownEvent,
    with_options,
)
from sagemaker_rt.context import AttemptResult
from tests.faults.fault import QUICK, Call
from tests.faults.server import Place

__all__ = ["HastyRetryer", "Outcome", "make", "one_call"]

_TOKEN: Final = "a-session-token"


@frozen
class Outcome:
    """What came of one call."""

    error: SageMakerRuntimeError | None
    data: bytes
    attempts: int
    custom_attributes: str | None = None

    @property
    def code(self) -> str | None:
        return self.error.code if isinstance(self.error, ServiceError) else None

    @property
    def message(self) -> str | None:
        return self.error.message if isinstance(self.error, ServiceError) else None


@frozen
class HastyRetryer:
    """A retryer that waits for nothing, and keeps how long it would have waited."""

    inner: StandardRetryer
    delays: list[float] = field(factory=list)

    @property
    def max_attempts(self) -> int:
        return self.inner.max_attempts

    def decide(
        self,
        error: SageMakerRuntimeError,
        *,
        past: Sequence[AttemptResult],
        elapsed: float,
    ) -> RetryDecision | NoRetry:
        decision = self.inner.decide(error, past=past, elapsed=elapsed)
        if isinstance(decision, NoRetry):
            return decision
        self.delays.append(decision.delay)
        return evolve(decision, delay=0.0)

    def succeeded(self, last: RetryDecision | None) -> None:
        self.inner.succeeded(last)

    def give_back(self, decision: RetryDecision) -> None:
        self.inner.give_back(decision)


class _Renewed:
    """A source whose second set has another key, or the same one."""

    def __init__(self, *, is_other: bool) -> None:
        self.count = 0
        self._is_other = is_other

    async def retrieve(self) -> Credentials:
        self.count += 1
        number = self.count if self._is_other else 1
        return Credentials(f"AKID{number}", "a-secret", _TOKEN)


def make(place: Place, call: Call) -> tuple[Client, HastyRetryer]:
    """Return a client for *place*, and what decides about its retries."""
    options = Options().replace(
        region="us-east-1",
        endpoint_url=place.url,
        environ={},
        credentials=_credentials(call),
        ssl_context=_trusting(place),
        https_proxy=place.proxy,
        **{**QUICK, **call.options},
    )
    retryer = HastyRetryer(
        StandardRetryer(RetryQuota(), lambda: 0.0, policy=options.retry.policy)
    )
    return Client(options.replace(retryer=retryer)), retryer


def _credentials(call: Call) -> Credentials | _Renewed:
    if call.credentials == "given":
        return Credentials("AKID1", "a-secret", _TOKEN)
    return _Renewed(is_other=call.credentials == "renewed")


def _trusting(place: Place) -> ssl.SSLContext | None:
    if place.trust is None:
        return None
    return ssl.create_default_context(cafile=place.trust)


async def one_call(client: Client, call: Call) -> Outcome:
    """Make the call, and return what came of it; it has five seconds."""
    parts: list[bytes] = []
    attributes: str | None = None
    body = b"x" * call.body_bytes
    try:
        async with asyncio.timeout(5):
            if call.operation == "stream":
                attempts = await _stream(client, body, parts)
            elif call.operation == "async":
                queued = await client.invoke_endpoint_async(
                    endpoint_name="m", body=body
                )
                parts.append((queued.inference_id or "").encode())
                attempts = len(queued.metadata.attempts)
            elif call.into == "a file":
                attempts = await _file(client, body, parts)
            else:
                answer = await client.invoke_endpoint(endpoint_name="m", body=body)
                parts.append(answer.body)
                attributes = answer.custom_attributes
                attempts = len(answer.metadata.attempts)
    except SageMakerRuntimeError as error:
        return Outcome(error, b"".join(parts), error.attempts)
    return Outcome(None, b"".join(parts), attempts, attributes)


async def _stream(client: Client, body: bytes, parts: list[bytes]) -> int:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=body
    ) as stream:
        async for event in stream:
            parts.append(_text(event))  # noqa: PERF401 - those before an error count
    return len(stream.metadata.attempts)


async def _file(client: Client, body: bytes, parts: list[bytes]) -> int:
    with TemporaryDirectory() as folder:
        target = with_options(response_target=Path(folder) / "answer")
        try:
            answer = await client.invoke_endpoint(target, endpoint_name="m", body=body)
        finally:
            parts += _contents(folder)
    return len(answer.metadata.attempts)


def _contents(folder: str) -> list[bytes]:
    return [file.read_bytes() for file in Path(folder).iterdir()]


def _text(event: PayloadPart | UnknownEvent) -> bytes:
    if isinstance(event, PayloadPart):
        return event.bytes
    return f"<{event.tag}>".encode() + event.raw
