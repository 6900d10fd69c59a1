"""The calls of a batch job: a call for each input, repeated while it has to wait."""

from __future__ import annotations

import asyncio
import mimetypes
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any, Final, NamedTuple

from sagemaker_rt.batch.concurrency_limit import ConcurrencyLimit
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.errors import SageMakerRuntimeError, SerializationError
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.invocation.arguments import arguments
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.sansio.adaptive_concurrency import AdaptiveConcurrency
from sagemaker_rt.sansio.batch_records import CONTENT_TYPES, BatchRecord
from sagemaker_rt.sansio.batch_results import BatchAnswer
from sagemaker_rt.sansio.batch_rows import joined, split_answer
from sagemaker_rt.sansio.batch_verdicts import verdict_of
from sagemaker_rt.shapes import InvokeEndpointInput, InvokeEndpointOutput

__all__ = [
    "BatchCalls",
    "Completion",
    "InputNotCalled",
    "InvalidInput",
    "adaptive_limit",
]

_FIRST_LIMIT: Final = 8
_FIRST_DELAY: Final = 0.5  # seconds
_LONGEST_DELAY: Final = 20.0
_OCTETS: Final = "application/octet-stream"


class InvalidInput(SerializationError):  # noqa: N818 - a failure with this name
    """An input is invalid; nothing was sent."""


class InputNotCalled(SageMakerRuntimeError):  # noqa: N818 - never raised to callers
    """An input has neither a result nor a failure, because the job stopped."""


class Completion(NamedTuple):
    """The result of a call that succeeded."""

    answer: BatchAnswer
    latency: float


class BatchCalls:
    """Calls the model with inputs, until the job stops.

    A call whose failure is not due to its input is repeated. If no call succeeds for
    the patience of the job, the job stops. It also stops at a failure that every
    call would have.

    Args:
        read_file: Returns the content of a file in the folder of inputs.
        gate: Bounds the calls of several jobs.
        limit: Replaces the adaptive limit of this job by one that several jobs share.
        sleep: Waits for a number of seconds.
        clock: The time in seconds.
        chance: Draws a number in [0, 1), for delays.

    Raises:
        ParamValidationError: A member of the job is unknown or invalid.
    """

    def __init__(  # noqa: PLR0913 - the last three are for tests
        self,
        client: RuntimeClient,
        job: BatchJob,
        read_file: Callable[[str], Awaitable[bytes]],
        *,
        gate: asyncio.Semaphore | None = None,
        limit: ConcurrencyLimit | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.perf_counter,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._read_file = read_file
        self._is_folder = job.format_in_force == "files"
        self._has_groups = job.rows_per_request > 1
        self._members: dict[str, Any] = {
            "content_type": _content_type(job),
            **job.members,
            "endpoint_name": job.endpoint_name,
        }
        arguments(INVOKE_ENDPOINT, (), {**self._members, "body": b""})
        self._patience = job.patience
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._waits_since: float | None = None  # no call has succeeded since then
        self._limit = limit
        if limit is None and job.concurrency == "auto":
            self._limit = adaptive_limit(job.max_concurrency)
        self._gate = gate or nullcontext()
        self._fixed_limit = job.limit
        self._stop = asyncio.Event()
        self.is_stopped = False
        """Whether the job stops."""
        self.cause: Exception | None = None
        """Why the job stops; None if the caller stops it."""

    @property
    def limit(self) -> int:
        """The number of calls that may be in flight."""
        return self._limit.machine.limit if self._limit else self._fixed_limit

    def stop(self, cause: Exception | None = None) -> None:
        """Start no further call, and repeat none; calls in flight may finish."""
        if not self.is_stopped:
            self.is_stopped, self.cause = True, cause
            self._stop.set()

    async def call_rows(self, rows: list[BatchRecord]) -> list[Completion]:
        """Return the results of *rows*, which are sent in one request.

        Raises:
            AnswersNotMatched: The response has another number of rows.
            SageMakerRuntimeError: As `call`.
        """
        if not self._has_groups:
            return [await self.call(rows[0])]
        completion = await self.call(joined(rows))
        answers = split_answer(completion.answer, rows)
        return [completion._replace(answer=answer) for answer in answers]

    async def call(self, record: BatchRecord) -> Completion:
        """Return the result of *record*.

        Raises:
            InvalidInput: The input is invalid.
            InputNotCalled: The job stopped.
            SageMakerRuntimeError: The call failed because of its input.
        """
        if record.problem is not None:
            raise InvalidInput(record.problem)
        repeated = 0
        while not self.is_stopped:
            try:
                return await self._called(await self._params(record))
            except Exception as error:  # noqa: BLE001 - it stops the job, or is raised
                self._judge(error)
            await self._pause(repeated)
            repeated += 1
        raise InputNotCalled

    async def _params(self, record: BatchRecord) -> InvokeEndpointInput:
        if not self._is_folder:
            return InvokeEndpointInput(body=record.body, **self._members)
        name = str(record.id)
        try:
            body = await self._read_file(name)
        except SageMakerRuntimeError:  # a timeout is an OSError as well
            raise
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            raise InvalidInput(message) from error
        members = self._members
        if members["content_type"] is None:
            guessed, _ = mimetypes.guess_type(name)
            members = {**members, "content_type": guessed or _OCTETS}
        return InvokeEndpointInput(body=body, **members)

    async def _called(self, params: InvokeEndpointInput) -> Completion:
        """Invoke the model once, with the retries of the client."""
        if self._limit is None:
            async with self._gate:
                started = self._clock()  # without the wait for the gate
                output = await self._client.invoke_endpoint(params)
            return self._completion(output, started)
        async with self._limit.slot():
            if self.is_stopped:
                raise InputNotCalled
            started = self._clock()  # without the wait for the slot
            try:
                output = await self._client.invoke_endpoint(params)
            except SageMakerRuntimeError as error:
                self._adapt(started, is_throttled=verdict_of(error) == "wait")
                raise
            attempts = output.metadata.attempts
            throttled = any(one.error and one.error.is_throttle for one in attempts)
            self._adapt(started, is_throttled=throttled)
            return self._completion(output, started)

    def _adapt(self, started: float, *, is_throttled: bool) -> None:
        """Report a call in flight to the machine."""
        assert self._limit is not None  # noqa: S101 - as the only caller checked
        now = self._clock()
        if is_throttled:
            self._limit.machine.throttled(started, now)
        else:
            in_flight = self._limit.in_flight
            self._limit.machine.succeeded(now - started, in_flight=in_flight)

    def _completion(self, output: InvokeEndpointOutput, started: float) -> Completion:
        self._waits_since = None
        answer = BatchAnswer(
            output.body,
            output.content_type,
            output.request_id,
            output.http_status or 200,
        )
        return Completion(answer, self._clock() - started)

    def _judge(self, error: Exception) -> None:
        """Return if the call may be repeated, or the job stops.

        Raises:
            Exception: The call failed because of its input.
        """
        verdict = verdict_of(error)
        if verdict == "input":
            raise error
        now = self._clock()
        if self._waits_since is None:
            self._waits_since = now
        if verdict == "stop" or now - self._waits_since >= self._patience:
            self.stop(error)

    async def _pause(self, repeated: int) -> None:
        """Wait before a call is repeated; the wait ends when the job stops."""
        if self.is_stopped:
            return
        longest = min(_FIRST_DELAY * 2.0**repeated, _LONGEST_DELAY)
        delay = longest * (0.5 + self._chance() / 2)
        tasks = [
            asyncio.ensure_future(self._sleep(delay)),
            asyncio.ensure_future(self._stop.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()


def _content_type(job: BatchJob) -> str | None:
    format = job.format_in_force
    if format == "jsonlines" and job.rows_per_request > 1:
        return "application/jsonlines"
    return CONTENT_TYPES[format]


def adaptive_limit(maximum: int) -> ConcurrencyLimit:
    """Return the limit of ``concurrency="auto"``, of at most *maximum* calls."""
    first = min(_FIRST_LIMIT, maximum)
    machine = AdaptiveConcurrency(initial=first, maximum=maximum)
    return ConcurrencyLimit(machine)
