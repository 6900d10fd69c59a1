"""What a worker of Dask has for the parts of a batch job."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from attrs import frozen
from distributed import WorkerPlugin, get_worker

from sagemaker_rt.batch.appended_file import FileInUse
from sagemaker_rt.batch.calls import BatchCalls, adaptive_limit
from sagemaker_rt.batch.client_options import with_connections
from sagemaker_rt.batch.concurrency_limit import ConcurrencyLimit
from sagemaker_rt.batch.file_work import in_thread_to_end
from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.batch.part_files import commit_part, read_commit
from sagemaker_rt.batch.run import BatchRun
from sagemaker_rt.client import Client
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.batch_statistics import BatchCounts
from sagemaker_rt.sansio.batch_totals import Finished
from sagemaker_rt.sansio.latency_histogram import LatencyHistogram

__all__ = ["PartOutcome", "PartTask", "WorkerClient", "call_part", "end_parts"]

_REPORT_GAP: Final = 1.0  # seconds
_LOCK_GAP: Final = 0.5


@frozen
class PartTask:
    """A part of a job, as it is sent to a worker."""

    plugin: str
    """The name of the `WorkerClient`, which is also the topic of reports."""
    index: int
    part: InputPart
    job: BatchJob
    timeout: float
    """Seconds in which the part must be done."""


class PartOutcome(NamedTuple):
    """What became of a part."""

    counts: BatchCounts
    failed_before: int
    """The failures among the inputs that were skipped."""
    latency: LatencyHistogram
    is_complete: bool
    cause: Exception | None = None
    """Why the part is not complete; None if it was stopped."""


class WorkerClient(WorkerPlugin):
    """A client and a limit of calls, which all parts on a worker share.

    It is sent to each worker as it is, and makes them there.

    Args:
        name: The name of the plugin.
        options: The options of the client. They must be picklable.
        concurrency: The maximum number of calls in flight of a worker.
        is_adaptive: Whether the worker finds the number that the endpoint can serve.
    """

    def __init__(
        self, name: str, options: Options, concurrency: int, *, is_adaptive: bool
    ) -> None:
        self.name = name
        self._options = options
        self._concurrency = concurrency
        self._is_adaptive = is_adaptive

    async def setup(self, worker: object) -> None:  # noqa: ARG002 - of the interface
        """Make the client, on the event loop that runs the parts."""
        self.client = Client(with_connections(self._options, self._concurrency))
        self._gate = asyncio.Semaphore(self._concurrency)
        self._limit: ConcurrencyLimit | None = None
        if self._is_adaptive:
            self._limit = adaptive_limit(self._concurrency)
        self._stop = asyncio.Event()
        self._running: set[asyncio.Task[Any]] = set()

    async def teardown(self, worker: object) -> None:  # noqa: ARG002 - the same
        """Cancel what still runs, and close the client."""
        self.end(is_cancelled=True)
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.client.aclose()

    def end(self, *, is_cancelled: bool) -> None:
        """Stop all parts, or cancel them, which cancels calls in flight."""
        self._stop.set()
        if is_cancelled:
            for task in self._running:
                task.cancel()

    async def call(
        self, task: PartTask, report: Callable[[tuple[object, ...]], object]
    ) -> PartOutcome:
        """Call the inputs of a part, and commit it.

        Args:
            report: Receives the index and the counts, at most once per second.

        Raises:
            ParamValidationError: The input is not on this machine.
        """
        running = asyncio.create_task(self._call(task, report))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        try:
            async with asyncio.timeout(task.timeout):
                return await running
        except TimeoutError:
            message = f"part {task.index} took longer than {task.timeout} s"
            cause = TimeoutError(message)
        except asyncio.CancelledError:
            if not running.done() or not self._stop.is_set():
                raise
            cause = None
        histogram = LatencyHistogram()
        return PartOutcome(BatchCounts(), 0, histogram, is_complete=False, cause=cause)

    async def _call(
        self, task: PartTask, report: Callable[[tuple[object, ...]], object]
    ) -> PartOutcome:
        while True:
            if (found := await asyncio.to_thread(read_commit, task.job)) is not None:
                return _outcome_of(found, task.part)
            try:
                return await self._attempt(task, report)
            except FileInUse:  # a worker that Dask has lost may still be running
                await asyncio.sleep(_LOCK_GAP)

    async def _attempt(
        self, task: PartTask, report: Callable[[tuple[object, ...]], object]
    ) -> PartOutcome:
        job = task.job
        copies = await LocalCopies.of(job, self.client)
        calls = BatchCalls(
            self.client, job, copies.read, gate=self._gate, limit=self._limit
        )
        run = BatchRun(job, copies, calls, time.perf_counter, task.part)
        reported = 0.0

        def on_progress(_: object) -> None:
            nonlocal reported
            if time.perf_counter() - reported >= _REPORT_GAP:
                reported = time.perf_counter()
                report((task.index, *run.statistics.counts()))

        summary = await run.run(on_progress, self._stop)
        counts, failed_before = run.statistics.counts(), summary.failed_before
        if summary.is_complete:
            results = counts.done + counts.skipped - failed_before
            finished = Finished(results, counts.failed + failed_before)
            await in_thread_to_end(commit_part, job, finished)
        return PartOutcome(
            counts,
            failed_before,
            run.statistics.latency,
            summary.is_complete,
            _picklable(calls.cause),
        )


async def call_part(task: PartTask) -> PartOutcome:
    """Call the inputs of a part on this worker; it is a task of Dask."""
    worker = get_worker()
    plugin = worker.plugins[task.plugin]
    assert isinstance(plugin, WorkerClient)  # noqa: S101 - it has the name of the run
    return await plugin.call(task, partial(worker.log_event, task.plugin))


async def end_parts(name: str, is_cancelled: bool, dask_worker: Any) -> None:  # noqa: FBT001 - Dask passes arguments by position
    """End the parts of a run on a worker.

    Args:
        name: The name of the plugin.
        is_cancelled: Whether calls in flight are cancelled.
        dask_worker: The worker; Dask passes it.
    """
    if isinstance(plugin := dask_worker.plugins.get(name), WorkerClient):
        plugin.end(is_cancelled=is_cancelled)


def _outcome_of(found: Finished, part: InputPart) -> PartOutcome:
    """Return the outcome of a part that was committed before this attempt."""
    skipped = found.results + found.failures
    counts = BatchCounts(skipped=skipped, skipped_bytes=(part.end or 0) - part.start)
    return PartOutcome(counts, found.failures, LatencyHistogram(), is_complete=True)


def _picklable(cause: Exception | None) -> Exception | None:
    """Return *cause*, or an error with its text if it cannot be sent."""
    try:
        pickle.dumps(cause)
    except Exception:  # noqa: BLE001 - of a component, for example
        return RuntimeError(f"{type(cause).__name__}: {cause}")
    return cause
