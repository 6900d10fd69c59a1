"""Makes the call of a fault, and returns its outcome."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from attrs import evolve, field, frozen

from sagemaker_rt import (
    Client,
    Credentials,
    NoRetry,
    Options,
    PayloadPart,
    ResponseStream,
    RetryDecision,
    RetryQuota,
    SageMakerRuntimeError,
    ServiceError,
    StandardRetryer,
    UnknownEvent,
    with_options,
)
from sagemaker_rt.context import AttemptResult
from sagemaker_rt.interfaces import HTTPClientName
from sagemaker_rt.streaming.event_functions import Event as StreamEvent
from tests.calls_at_exit import call_at_exit
from tests.faults.fault import SHORT_TIMEOUTS, Call
from tests.faults.server import FaultyServer

__all__ = ["ImmediateRetryer", "Outcome", "make_call", "make_client"]

_TOKEN: Final = "a-session-token"


@frozen
class Outcome:
    """The outcome of one call."""

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
class ImmediateRetryer:
    """A retryer without delays, which records the delays of the inner one."""

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


class _RotatedCredentials:
    """A provider whose second credentials have another key, or the same one."""

    def __init__(self, *, is_other: bool) -> None:
        self.count = 0
        self._is_other = is_other

    async def retrieve(self) -> Credentials:
        self.count += 1
        number = self.count if self._is_other else 1
        return Credentials(f"AKID{number}", "a-secret", _TOKEN)


def make_client(
    faulty: FaultyServer, call: Call, http_client: HTTPClientName = "auto"
) -> tuple[Client, ImmediateRetryer]:
    """Return a client for *faulty*, and its retryer."""
    options = Options().replace(
        region="us-east-1",
        endpoint_url=faulty.url,
        environ={},
        credentials=_credentials(call),
        ssl_context=_trusting(faulty),
        https_proxy=faulty.proxy,
        http_client=http_client,
        **{**SHORT_TIMEOUTS, **call.options},
    )
    retryer = ImmediateRetryer(
        StandardRetryer(RetryQuota(), lambda: 0.0, policy=options.retry.policy)
    )
    return Client(options.replace(retryer=retryer)), retryer


def _credentials(call: Call) -> Credentials | _RotatedCredentials:
    if call.credentials == "static":
        return Credentials("AKID1", "a-secret", _TOKEN)
    return _RotatedCredentials(is_other=call.credentials == "rotated")


def _trusting(faulty: FaultyServer) -> ssl.SSLContext | None:
    if faulty.trust is None:
        return None
    return ssl.create_default_context(cafile=faulty.trust)


@contextmanager
def _busy_executor() -> Iterator[None]:
    """Keep the only thread of the event loop's executor busy."""
    loop, is_over = asyncio.get_running_loop(), Event()
    with ThreadPoolExecutor(1) as executor:
        loop.set_default_executor(executor)
        executor.submit(is_over.wait)
        try:
            yield
        finally:
            is_over.set()
    loop.set_default_executor(ThreadPoolExecutor(1))


async def make_call(client: Client, call: Call) -> Outcome:
    """Make the call, within five seconds, and return its outcome."""
    if call.is_executor_busy:
        with _busy_executor():
            return await make_call(client, evolve(call, is_executor_busy=False))
    if call.is_interpreter_ending:
        return await _at_exit(client)
    parts: list[bytes] = []
    attributes: str | None = None
    body = b"x" * call.body_bytes
    try:
        async with asyncio.timeout(30):
            if call.operation == "stream":
                attempts = await _stream(client, call, parts)
            elif call.operation == "async":
                queued = await client.invoke_endpoint_async(
                    endpoint_name="m", body=body
                )
                parts.append((queued.inference_id or "").encode())
                attempts = len(queued.metadata.attempts)
            elif call.target == "file":
                attempts = await _file(client, body, parts)
            else:
                answer = await client.invoke_endpoint(endpoint_name="m", body=body)
                parts.append(answer.body)
                attributes = answer.custom_attributes
                attempts = len(answer.metadata.attempts)
    except SageMakerRuntimeError as error:
        return Outcome(error, b"".join(parts), error.attempts)
    return Outcome(None, b"".join(parts), attempts, attributes)


async def _at_exit(client: Client) -> Outcome:
    url = (await client.resolve_endpoint()).url
    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    printed, errors = await call_at_exit(url, "atexit.register(run)", loop=loop)
    return Outcome(None, printed + errors, 1)


async def _stream(client: Client, call: Call, parts: list[bytes]) -> int:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="m", body=b"x" * call.body_bytes
    ) as stream:
        async for event in _impatient(stream) if call.reader == "impatient" else stream:
            parts.append(_text(event))
            if call.reader == "late":
                break
            if call.reader == "elsewhere":
                await asyncio.to_thread(asyncio.run, _next(stream))
    if call.reader == "late":
        parts += [part async for part in stream.iter_bytes()]
    return len(stream.metadata.attempts)


async def _next(stream: ResponseStream) -> StreamEvent:
    return await anext(stream)


async def _impatient(stream: ResponseStream) -> AsyncIterator[StreamEvent]:
    """Yield all events; cancel each read that lasts longer than a millisecond."""
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), 0.001)
        except TimeoutError as error:
            if isinstance(error, SageMakerRuntimeError):
                raise
        except StopAsyncIteration:
            return


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
