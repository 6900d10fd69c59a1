"""Waits for the results of asynchronous inferences, by requests to S3.

Each waiter sleeps until its next poll is due, and the event loop keeps the due times.
A limited number of polls run at a time, in the order in which they became due. So
thousands of waiters use few connections, and none of them starves. A wait runs in the
task of its caller, and is cancelled with it; no task runs in the background.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final, Self, TypeVar
from weakref import WeakKeyDictionary

from attrs import define, field

from sagemaker_rt.errors import (
    AsyncInferenceError,
    AsyncJobTimeoutError,
    S3Error,
    SageMakerRuntimeError,
)
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.inference.s3_client import S3Client
from sagemaker_rt.inference.s3_requests import S3Object
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.job_polls import (
    Absence,
    absence_of,
    poll_delay,
    time_to_next_poll,
)
from sagemaker_rt.sansio.job_records import JobRecord
from sagemaker_rt.sansio.redaction import escaped
from sagemaker_rt.sansio.s3_addresses import S3Location

__all__ = ["MAX_POLLS", "JobPoller", "poller_of"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_POLLS: Final = 32
"""How many polls of a client run at a time."""
_OPERATION: Final = "GetObject"
_MAX_SHOWN: Final = 200
"""How many bytes of a failure are in the text of the error."""


@define(eq=False)
class _Wait:
    """What the polls of one waiter have found so far."""

    record: JobRecord
    timeout: float
    denied: dict[str, S3Error] = field(factory=dict)
    """The locations to which S3 denies access, with its last responses."""
    interruption: SageMakerRuntimeError | None = None
    """Why the last poll was incomplete; None if it was not."""
    has_answer: bool = False
    """Whether S3 has responded to a poll."""

    @property
    def last_error(self) -> SageMakerRuntimeError | None:
        """The last error of a request that a missing object does not explain."""
        return self.interruption or next(iter(self.denied.values()), None)


class JobPoller:
    """Polls for the results of any number of jobs, on one event loop.

    Args:
        s3: Receives the objects.
        max_bytes: The maximum size of a result that is received as a whole.
        clock: Returns seconds since the epoch.
        max_polls: How many polls run at a time.
        sleep: Waits for a number of seconds.
        time: Returns the time of the event loop.
        chance: Draws a number in [0, 1), for delays.
    """

    def __init__(  # noqa: PLR0913 - sleep, time and chance are for tests
        self,
        s3: S3Client,
        *,
        max_bytes: int,
        clock: Clock,
        max_polls: int = MAX_POLLS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        time: Callable[[], float] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.s3: Final = s3
        self.max_bytes: Final = max_bytes
        self.loop: Final = asyncio.get_running_loop()
        """The event loop that the poller is for."""
        self._clock = clock
        self._slots = asyncio.Semaphore(max_polls)
        self._sleep = sleep
        self._time = self.loop.time if time is None else time
        self._chance = chance
        self._denied_buckets: set[str] = set()

    @classmethod
    async def of(cls, client: RuntimeClient) -> Self:
        """Return a poller with the components of *client*."""
        s3 = await S3Client.of(client)
        options = await client.resolved_options()
        limit = options.http.max_response_bytes
        return cls(s3, max_bytes=limit, clock=options.clock)

    async def wait(
        self,
        record: JobRecord,
        timeout: float | None,  # noqa: ASYNC109 - its error has facts of the job
        receive: Callable[[S3Object], Awaitable[T]],
    ) -> T:
        """Wait for the result of a job, and return what *receive* makes of it.

        Args:
            timeout: Seconds; 0 polls once, and None waits for the lifetime of the job.
            receive: Takes the object, and reads or releases it. It counts as a part of
                the poll, and is repeated if the connection is lost in it.

        Raises:
            AsyncInferenceError: The job failed.
            AsyncJobTimeoutError: There was neither a result nor a failure in time.
            S3Error: S3 responded with an error that does not pass.
            TransportError: There was no connection.
        """
        age = max(0.0, self._clock() - record.submitted_at)
        if timeout is None:
            timeout = max(0.0, record.lifetime - age)
        wait = _Wait(record, timeout)
        limit = asyncio.timeout(timeout or None)
        try:
            async with limit:
                return await self._poll_until_done(wait, age, receive)
        except TimeoutError as error:
            if isinstance(error, SageMakerRuntimeError) or not limit.expired():
                raise
        raise _timed_out(wait) from wait.last_error

    async def _poll_until_done(
        self, wait: _Wait, age: float, receive: Callable[[S3Object], Awaitable[T]]
    ) -> T:
        """Poll until there is a result, a failure, or too little time."""
        deadline = self._time() + wait.timeout
        first = poll_delay(0, chance=self._chance()) - age
        delay: float | None = min(first, wait.timeout / 2)
        number = 0
        while delay is not None:
            if delay > 0:
                await self._sleep(delay)
            async with self._slots:
                done = await self._poll(wait, receive)
            if done is not None:
                return done[0]
            number += 1
            delay = time_to_next_poll(
                number, chance=self._chance(), time_left=deadline - self._time()
            )
        raise _timed_out(wait) from wait.last_error

    async def _poll(
        self, wait: _Wait, receive: Callable[[S3Object], Awaitable[T]]
    ) -> tuple[T] | None:
        """Look for the result and the failure once; return None if neither is there."""
        record = wait.record
        try:
            found = await self._find(wait, record.output)
            if found is not None:
                return (await receive(found),)
            if record.failure is not None:
                found = await self._find(wait, record.failure)
                if found is not None:
                    raise await self._failure(record, found)
        except SageMakerRuntimeError as error:
            if absence_of(error) is not Absence.INTERRUPTED:
                if not isinstance(error, AsyncInferenceError):
                    error.operation = _OPERATION
                raise
            wait.interruption = error
        else:
            wait.interruption, wait.has_answer = None, True
        return None

    async def _find(self, wait: _Wait, location: S3Location) -> S3Object | None:
        """Return an object, or None if it is not there yet."""
        found = await self.s3.find(location)
        if isinstance(found, S3Object):
            return found
        if absence_of(found) is Absence.DENIED:
            wait.denied[location.uri] = found
            self._report_denial(location)
        else:
            wait.denied.pop(location.uri, None)
        return None

    def _report_denial(self, location: S3Location) -> None:
        """Log the first denial of each bucket: it may be a lasting one."""
        if location.bucket not in self._denied_buckets:
            self._denied_buckets.add(location.bucket)
            _log.info(
                "S3 denied access to %s; waiting, because the object may be missing",
                location,
            )

    async def _failure(self, record: JobRecord, found: S3Object) -> AsyncInferenceError:
        """Return the error for a failure object."""
        body = await found.read_start(self.max_bytes)
        shown = escaped(body[:_MAX_SHOWN].decode(errors="replace")) or "no details"
        error = AsyncInferenceError(f"the asynchronous inference failed: {shown}")
        error.body, error.content_type = body, found.content_type
        error.location, error.inference_id = found.location.uri, record.inference_id
        error.metadata.update(found.metadata)
        return error


_POLLERS: Final[WeakKeyDictionary[RuntimeClient, JobPoller]] = WeakKeyDictionary()


async def poller_of(client: RuntimeClient) -> JobPoller:
    """Return the poller of *client*, for the running event loop.

    All jobs of a client share it; a derived client has another one.

    Raises:
        ClientStateError: The client is closed.
    """
    loop = asyncio.get_running_loop()
    poller = _POLLERS.get(client)
    if poller is None or poller.loop is not loop:
        made = await JobPoller.of(client)
        poller = _POLLERS.get(client)  # another task may have created it
        if poller is None or poller.loop is not loop:
            poller = _POLLERS[client] = made
    return poller


def _timed_out(wait: _Wait) -> AsyncJobTimeoutError:
    record = wait.record
    message = f"no result at {record.output_location} after {wait.timeout:g} s"
    if wait.interruption is not None:  # there may be a result
        message = (
            f"the result at {record.output_location} could not be received within "
            f"{wait.timeout:g} s: {type(wait.interruption).__name__}: "
            f"{wait.interruption}"
        )
    elif not wait.has_answer:
        message = (
            f"S3 did not respond within {wait.timeout:g} s to the request for "
            f"{record.output_location}"
        )
    if wait.denied:
        denied = " and ".join(wait.denied)
        message += (
            f"; S3 denied access to {denied}: grant s3:GetObject, and s3:ListBucket, "
            "without which S3 does not say that an object is missing"
        )
    error = AsyncJobTimeoutError(message)
    error.output_location = record.output_location
    error.failure_location = record.failure_location
    error.denied = tuple(wait.denied)
    return error
