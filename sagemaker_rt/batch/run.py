"""Runs a batch job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

import attrs

from sagemaker_rt.batch.calls import BatchCalls, Completion, InputNotCalled
from sagemaker_rt.batch.file_work import in_thread_to_end, opened
from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.inputs import BatchInputs
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.batch.result_files import JOURNAL, ResultFiles
from sagemaker_rt.batch.summary import BatchSummary
from sagemaker_rt.client import Client
from sagemaker_rt.errors import BatchStoppedError, SageMakerRuntimeError, ServiceError
from sagemaker_rt.inference.call_results import CallResult
from sagemaker_rt.inference.many_calls import call_many
from sagemaker_rt.inference.runtime_client import RuntimeClient
from sagemaker_rt.sansio.batch_records import BatchRecord
from sagemaker_rt.sansio.batch_statistics import BatchProgress, BatchStatistics

__all__ = ["BatchRun", "checked", "run"]

_SYNC_GAP: Final = 5.0  # seconds
_REPORT_GAP: Final = 0.2

Result = CallResult[list[BatchRecord], list[Completion]]


async def run(
    job: BatchJob,
    *,
    client: RuntimeClient | None = None,
    on_progress: Callable[[BatchProgress], object] | None = None,
    stop: asyncio.Event | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> BatchSummary:
    """Invoke a model with each input of *job*, and write results and failures.

    Each result is appended to the output when its call has finished, and given to the
    operating system at once. So however this process ends, no line that was written is
    lost; and with ``resume=True``, the next run repeats none of them. Every 5 seconds,
    the files are also stored on the disk.

    An input that is invalid, or that the model rejects, is a failure: a line in the
    file of failures. Memory does not grow with the size of the input, apart from one
    bit per line that an earlier run finished, and the IDs of OpenAI batch files.

    If the job is cancelled, calls in flight are cancelled too. The files stay valid.

    Args:
        client: Is used for all calls, and not closed. By default, a client with the
            options of the environment is made, with as many connections as calls.
        on_progress: A plain function that is called up to five times per second.
        stop: Stops the job when it is set: no further call starts, and the results of
            calls in flight are written.
        clock: The time in seconds.

    Raises:
        ParamValidationError: The input cannot be read, or files of results exist, and
            the job neither resumes nor overwrites; nothing was sent.
        BatchStoppedError: The job stopped before its end. ``__cause__`` is why: a full
            disk, an endpoint that does not exist or does not respond, credentials that
            have expired; or the results cannot be stored in S3. The results so far are
            in the files; local copies are in the work folder.
        S3Error: The input cannot be read from S3; nothing was sent.
    """
    async with AsyncExitStack() as stack:
        if client is None:
            client = await stack.enter_async_context(Client(max_connections=job.limit))
        copies = await LocalCopies.of(job, client)
        calls = BatchCalls(client, job, copies.read, clock=clock)
        await copies.fetch()
        summary = await BatchRun(job, copies, calls, clock).run(on_progress, stop)
        try:
            await copies.store()
        except (SageMakerRuntimeError, OSError) as error:
            calls.stop(error)  # the first cause counts
            summary = attrs.evolve(
                summary, output=str(copies.output), failures=str(copies.failures)
            )
    most = job.max_failures
    return checked(summary, calls.cause, is_stopped=calls.is_stopped, max_failures=most)


def checked(
    summary: BatchSummary,
    cause: Exception | None,
    *,
    is_stopped: bool,
    max_failures: int | None = None,
) -> BatchSummary:
    """Return *summary* if the job was not stopped.

    Args:
        cause: Why the job stopped; None if the caller stopped it.
        max_failures: The limit at which the cause is the last failure.

    Raises:
        BatchStoppedError: It was stopped.
    """
    if not is_stopped:
        return summary
    reason = (
        "the job was stopped" if cause is None else f"the job stopped: {_text(cause)}"
    )
    if cause is not None and max_failures is not None and summary.failed > max_failures:
        many = f"more than {max_failures} inputs failed"
        reason = f"the job stopped: {many}; the last failure is {_text(cause)}"
    stopped = BatchStoppedError(reason)
    stopped.summary = summary
    raise stopped from cause


class BatchRun:
    """One run of a job: takes results as they arrive, and writes them.

    Args:
        part: The part of the inputs that is called; None for all.
    """

    def __init__(
        self,
        job: BatchJob,
        copies: LocalCopies,
        calls: BatchCalls,
        clock: Callable[[], float],
        part: InputPart | None = None,
    ) -> None:
        self._job = job
        self._copies = copies
        self._calls = calls
        self._clock = clock
        self._part = part
        self.statistics = BatchStatistics(None, clock())
        """What happened to inputs so far."""
        self._started = self._synced = self._reported = clock()

    async def run(
        self,
        on_progress: Callable[[BatchProgress], object] | None,
        stop: asyncio.Event | None,
    ) -> BatchSummary:
        """Call all inputs; return what was done, complete or not."""
        job, copies = self._job, self._copies
        inputs = self._inputs()
        total = await asyncio.to_thread(inputs.total_bytes)
        async with opened(ResultFiles, job, copies.output, copies.failures) as files:
            self.statistics = BatchStatistics(total, self._started)
            try:
                async with self._stopped_by(stop):
                    await self._call(inputs, files, on_progress)
                if job.retry_failed:
                    await in_thread_to_end(files.drop_repeated_failures)
                await in_thread_to_end(files.sync)
            except OSError as error:
                self._calls.stop(error)
            if on_progress is not None:
                on_progress(self._progress())
            failed_before = 0 if job.retry_failed else len(files.failed)
        return BatchSummary.of(
            self.statistics,
            output=job.output,
            failures=job.failures_in_force,
            failed_before=failed_before,
            elapsed=self._clock() - self._started,
            is_complete=not self._calls.is_stopped,
        )

    async def _call(
        self,
        inputs: BatchInputs,
        files: ResultFiles,
        on_progress: Callable[[BatchProgress], object] | None,
    ) -> None:
        """Call all inputs, and write what becomes of them.

        Raises:
            OSError: The input cannot be read, or a result not be written.
        """
        async with call_many(
            self._calls.call_rows,
            inputs.records(files, self.statistics),
            concurrency=self._job.limit,
            ordered=self._job.ordered,
            on_error="collect",
        ) as results:
            async for result in results:
                self._take(files, result)
                await self._report(files, on_progress)

    def _inputs(self) -> BatchInputs:
        copies = self._copies
        journal = copies.output.with_name(copies.output.name + JOURNAL)
        excluded = (copies.output, copies.failures, journal)
        return BatchInputs(
            self._job,
            copies.input,
            frozenset(path.resolve() for path in excluded),
            lambda: self._calls.is_stopped,
            self._part,
        )

    def _take(self, files: ResultFiles, result: Result) -> None:
        """Write the results or the failures of a request.

        Raises:
            OSError: It cannot be written.
        """
        records, error = result.input, result.error
        if isinstance(error, InputNotCalled):
            return
        if error is None:
            for record, (answer, latency) in zip(records, result.output, strict=True):
                files.write_result(record, answer)
                self.statistics.succeeded(record.size, latency)
            return
        code = error.code if isinstance(error, ServiceError) else type(error).__name__
        for record in records:
            files.write_failure(record, error)
            self.statistics.failed_with(code, record.size)
        limit = self._job.max_failures
        if limit is not None and self.statistics.failed > limit:
            self._calls.stop(error)

    async def _report(
        self,
        files: ResultFiles,
        on_progress: Callable[[BatchProgress], object] | None,
    ) -> None:
        """Store files on the disk, and report progress, now and then."""
        now = self._clock()
        if now - self._synced >= _SYNC_GAP:
            self._synced = now
            await in_thread_to_end(files.sync)
        if on_progress is not None and now - self._reported >= _REPORT_GAP:
            self._reported = now
            on_progress(self._progress())

    def _progress(self) -> BatchProgress:
        return self.statistics.progress(self._clock(), self._calls.limit)

    @asynccontextmanager
    async def _stopped_by(self, stop: asyncio.Event | None) -> AsyncGenerator[None]:
        """Stop the calls when *stop* is set in the block."""
        if stop is None:
            yield
            return

        async def wait(event: asyncio.Event) -> None:
            await event.wait()
            self._calls.stop()

        task = asyncio.create_task(wait(stop))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _text(cause: Exception) -> str:
    code = cause.code if isinstance(cause, ServiceError) else type(cause).__name__
    return f"{code}: {cause}"
