"""Asynchronous invocations.

They wait in a queue, run in the background, and write their output to the object store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from attrs import define, evolve, field, frozen

from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    call_model,
)
from sagemaker_rt.emulator.object_store import ObjectStore

__all__ = ["AsyncJob", "AsyncJobQueue", "QueuedJob"]


@frozen(kw_only=True)
class AsyncJob:
    """An asynchronous invocation."""

    model: Model
    request: InvocationRequest
    """The body is empty if there is an input location."""
    input_location: str | None = None
    """URI of the input in the object store."""
    extension: str | None = None
    """Path that is appended to the output path."""
    filename: str | None = None
    """Name of the output file; by default the inference id and ``.out``."""
    ttl: int
    """Seconds that the job may wait in the queue, by the clock of the emulator."""
    timeout: int
    """Seconds that the model may take."""


@frozen(kw_only=True)
class QueuedJob:
    """A job in the queue, with the locations of its output."""

    job: AsyncJob
    inference_id: str
    output_location: str
    failure_location: str
    queued_at: float


@define(eq=False, kw_only=True)
class AsyncJobQueue:
    """Runs jobs in the order of their arrival, at most `max_running` at once.

    The queue owns the tasks of its jobs; `aclose` cancels them.
    """

    objects: ObjectStore
    clock: Callable[[], float]
    new_id: Callable[[], str]
    output_path: str
    """URI prefix of the output files."""
    max_running: int
    _tasks: set[asyncio.Task[None]] = field(factory=set, init=False)
    _slots: asyncio.Semaphore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.max_running)

    def __len__(self) -> int:
        return len(self._tasks)

    def submit(self, job: AsyncJob) -> QueuedJob:
        """Queue *job*, and return its locations. Needs a running event loop."""
        inference_id = job.request.inference_id or self.new_id()
        folder = f"/{job.extension.strip('/')}" if job.extension else ""
        name = job.filename or f"{inference_id}.out"
        # the service puts failures below "failures", with the suffix "-error"
        stem = name.removesuffix(".out")
        queued = QueuedJob(
            job=job,
            inference_id=inference_id,
            output_location=f"{self.output_path}{folder}/{name}",
            failure_location=f"{self.output_path}/failures{folder}/{stem}-error.out",
            queued_at=self.clock(),
        )
        # the set keeps the task alive: event loops have only weak references
        task = asyncio.create_task(self._run(queued))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return queued

    async def finish(self) -> None:
        """Wait until no job is queued or running."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self) -> None:
        """Cancel queued and running jobs, and wait until they have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, queued: QueuedJob) -> None:
        """Run a job when a slot is free, and store its output or its failure."""
        async with self._slots:
            try:
                await self._run_model(queued)
            except ModelFailure as failure:
                self.objects.put(
                    queued.failure_location,
                    failure.summary.encode(),
                    content_type="text/plain",
                )

    async def _run_model(self, queued: QueuedJob) -> None:
        """Run the model, and store its response.

        Raises:
            ModelFailure: The job expired, timed out or has no input, or the model
                failed.
        """
        job = queued.job
        if self.clock() - queued.queued_at > job.ttl:
            message = f"the request expired after {job.ttl} s in the queue"
            raise ModelFailure(408, message)
        request = self._with_input(job)
        try:
            # real time, unlike the queue: the clock of the emulator may be a fixed one
            async with asyncio.timeout(job.timeout):
                response = await call_model(job.model, request)
                body = await response.whole()
        except TimeoutError as error:
            message = f"the model took more than {job.timeout} s"
            raise ModelFailure(408, message) from error
        content_type = response.content_type or request.accept
        self.objects.put(
            queued.output_location,
            body,
            content_type=content_type or "application/octet-stream",
        )

    def _with_input(self, job: AsyncJob) -> InvocationRequest:
        """Return the input of the model, with the body from the input location.

        Raises:
            ModelFailure: The input object does not exist.
        """
        if job.input_location is None:
            return job.request
        stored = self.objects.find(job.input_location)
        if stored is None:
            message = f"{job.input_location} does not exist"
            raise ModelFailure(404, message)
        return evolve(
            job.request,
            body=stored.body,
            content_type=job.request.content_type or stored.content_type,
        )
