"""Asynchronous invocations: queued, run in the background, answered into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from attrs import define, evolve, field, frozen

from sagemaker_rt.emulator.models import InvocationRequest, Model, ModelFailure, ask
from sagemaker_rt.emulator.object_store import ObjectStore

__all__ = ["Job", "Jobs", "QueuedJob"]


@frozen(kw_only=True)
class Job:
    """What an asynchronous invocation asks for."""

    model: Model
    request: InvocationRequest
    """Its body is empty where an input location is given."""
    input_location: str | None = None
    extension: str | None = None
    """A path between the output path and the file."""
    filename: str | None = None
    ttl: int
    """Seconds that it may wait to be run, by the emulator's clock."""
    timeout: int
    """Seconds that the model may take."""


@frozen(kw_only=True)
class QueuedJob:
    """A job that was accepted."""

    job: Job
    inference_id: str
    output_location: str
    failure_location: str
    queued_at: float


@define(eq=False, kw_only=True)
class Jobs:
    """Runs jobs, a few at a time, in the order of their coming.

    It owns the tasks that run them: `aclose` ends those that are left.
    """

    objects: ObjectStore
    clock: Callable[[], float]
    new_id: Callable[[], str]
    output_path: str
    """The URI below which output and failures are put."""
    max_running: int
    _tasks: set[asyncio.Task[None]] = field(factory=set, init=False)
    _turns: asyncio.Semaphore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._turns = asyncio.Semaphore(self.max_running)

    def __len__(self) -> int:
        return len(self._tasks)

    def submit(self, job: Job) -> QueuedJob:
        """Queue *job*; must be called where a loop runs."""
        inference_id = job.request.inference_id or self.new_id()
        folder = f"/{job.extension.strip('/')}" if job.extension else ""
        name = job.filename or f"{inference_id}.out"
        stem = name.removesuffix(".out")
        queued = QueuedJob(
            job=job,
            inference_id=inference_id,
            output_location=f"{self.output_path}{folder}/{name}",
            failure_location=f"{self.output_path}/failures{folder}/{stem}-error.out",
            queued_at=self.clock(),
        )
        task = asyncio.create_task(self._run(queued))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return queued

    async def finish(self) -> None:
        """Wait until no job is queued or running."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def aclose(self) -> None:
        """Cancel the jobs that are queued or running, and see them end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, queued: QueuedJob) -> None:
        """Run one job when its turn comes, and store its answer or its failure."""
        async with self._turns:
            try:
                await self._answer(queued)
            except ModelFailure as failure:
                self.objects.put(
                    queued.failure_location,
                    failure.summary.encode(),
                    content_type="text/plain",
                )

    async def _answer(self, queued: QueuedJob) -> None:
        """Run the model, and store what it answers."""
        job = queued.job
        if self.clock() - queued.queued_at > job.ttl:
            message = f"the request expired after {job.ttl} s in the queue"
            raise ModelFailure(408, message)
        request = self._with_input(job)
        try:
            async with asyncio.timeout(job.timeout):
                response = await ask(job.model, request)
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

    def _with_input(self, job: Job) -> InvocationRequest:
        """Return the model's request with the input that it names."""
        if job.input_location is None:
            return job.request
        stored = self.objects.find(job.input_location)
        if stored is None:
            message = f"there is no input at {job.input_location}"
            raise ModelFailure(404, message)
        return evolve(
            job.request,
            body=stored.body,
            content_type=job.request.content_type or stored.content_type,
        )
