"""One run of a batch job on a cluster."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from distributed import Client as Cluster

from sagemaker_rt.batch.dask.planned_job import PlannedJob, PreparedJob
from sagemaker_rt.batch.dask.worker_plugin import (
    PartOutcome,
    PartTask,
    WorkerClient,
    call_part,
    end_parts,
)
from sagemaker_rt.batch.file_work import in_thread_to_end
from sagemaker_rt.batch.input_parts import InputPart
from sagemaker_rt.batch.summary import BatchSummary
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.sansio.batch_shares import Shares, shares
from sagemaker_rt.sansio.batch_statistics import BatchCounts, BatchProgress
from sagemaker_rt.sansio.batch_totals import BatchTotals

__all__ = ["ClusterRun", "TooManyFailures"]

_REPORT_GAP: Final = 0.2  # seconds
_END_TIMEOUT: Final = 10.0  # for workers to end their parts after a cancellation


class TooManyFailures(SageMakerRuntimeError):  # noqa: N818 - the cause of a stop
    """More inputs failed than ``max_failures``."""


class ClusterRun:
    """Sends parts to workers, and collects what they did."""

    def __init__(
        self, planned: PlannedJob, prepared: PreparedJob, cluster: Cluster
    ) -> None:
        self._planned = planned
        self._prepared = prepared
        self._cluster: Any = cluster  # its methods are coroutines in its event loop
        # the dashboard shows it without the hash
        self._name = f"sagemaker-batch-{uuid.uuid4().hex}"
        self._started = time.perf_counter()
        self._totals = BatchTotals(prepared.size, self._started, prepared.finished)
        self._is_stopped = False
        self.cause: Exception | None = None
        """Why the job stopped; None if it did not, or the caller stopped it."""

    async def run(
        self,
        on_progress: Callable[[BatchProgress], object] | None,
        stop: asyncio.Event | None,
    ) -> BatchSummary:
        """Call all parts; return what was done, complete or not."""
        prepared = self._prepared
        left = {*prepared.left}
        for index, finished in prepared.finished.items():
            if index not in left:
                self._totals.skip(finished, _size(prepared.parts[index]))
        if left:
            await self._call(on_progress, stop)
        if not self._is_stopped:
            try:
                await in_thread_to_end(prepared.files.publish, len(prepared.parts))
            except OSError as error:
                self._is_stopped, self.cause = True, error
        if on_progress is not None:
            on_progress(self._totals.progress(time.perf_counter(), 0))
        self._totals.update()
        job = self._planned.job
        return BatchSummary.of(
            self._totals.statistics,
            output=job.output,
            failures=job.failures_in_force,
            failed_before=self._totals.failed_before,
            elapsed=time.perf_counter() - self._started,
            is_complete=not self._is_stopped,
        )

    async def _call(
        self,
        on_progress: Callable[[BatchProgress], object] | None,
        stop: asyncio.Event | None,
    ) -> None:
        """Send the parts that are left."""
        cluster, name = self._cluster, self._name
        limits = await self._shares()
        is_adaptive = self._planned.job.concurrency == "auto"
        plugin = WorkerClient(
            name, self._planned.options, limits.per_worker, is_adaptive=is_adaptive
        )
        await cluster.register_plugin(plugin)
        cluster.subscribe_topic(name, self._take_report)
        helpers = [asyncio.create_task(self._report(on_progress, limits))]
        if stop is not None:
            helpers.append(asyncio.create_task(self._wait_for(stop)))
        try:
            left = iter(self._prepared.left)
            async with asyncio.TaskGroup() as group:
                for _ in range(min(limits.parts, len(self._prepared.left))):
                    group.create_task(self._call_parts(left, limits))
        except BaseException:
            with suppress(Exception):
                async with asyncio.timeout(_END_TIMEOUT):
                    await cluster.run(end_parts, name, True)
            raise
        finally:
            for helper in helpers:
                helper.cancel()
            cluster.unsubscribe_topic(name)
            with suppress(Exception):  # the cluster may be gone
                await cluster.unregister_worker_plugin(name)

    async def _shares(self) -> Shares:
        await self._cluster.wait_for_workers(1)
        threads = await self._cluster.nthreads()
        return shares(
            self._planned.job.limit,
            workers=len(threads),
            threads=min(threads.values(), default=1),
            per_worker=self._planned.per_worker,
        )

    async def _call_parts(self, left: Iterator[int], limits: Shares) -> None:
        """Call one part after the other."""
        for index in left:
            self._totals.start(index)
            task = PartTask(
                self._name,
                index,
                self._prepared.parts[index],
                self._prepared.files.job_of(index, limits.per_part),
                self._planned.part_timeout,
            )
            # equal tasks would be merged: the key is that of this run
            future = self._cluster.submit(
                call_part, task, key=(self._name, index), pure=False
            )
            outcome = await self._outcome_of(future)
            if outcome is not None:
                await self._take(index, outcome)
            if self._is_stopped:
                return

    async def _outcome_of(self, future: Any) -> PartOutcome | None:
        try:
            outcome: PartOutcome = await future
        except Exception as error:  # noqa: BLE001 - of the cluster, or of the part
            await self._stop(error)
            return None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling() or not future.cancelled():
                raise
            await self._stop(ConnectionError("the cluster cancelled a part"))
            return None
        finally:
            future.release()
        if not outcome.is_complete:
            await self._stop(outcome.cause)
        return outcome

    async def _take(self, index: int, outcome: PartOutcome) -> None:
        """Count what became of a part."""
        self._totals.end(index, outcome.counts, outcome.failed_before, outcome.latency)
        await self._check(self._totals.progress(time.perf_counter(), 0))

    async def _check(self, progress: BatchProgress) -> None:
        """Stop the job when too many inputs failed."""
        most = self._planned.job.max_failures
        if most is not None and progress.failed > most:
            await self._stop(TooManyFailures(f"{progress.failed} inputs failed"))

    async def _stop(self, cause: Exception | None) -> None:
        """Stop the job: no further call starts on any worker."""
        if self._is_stopped:
            return
        self._is_stopped, self.cause = True, cause
        with suppress(Exception):  # the cluster may be gone
            await self._cluster.run(end_parts, self._name, False)

    async def _wait_for(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await self._stop(None)

    def _take_report(self, event: tuple[float, Any]) -> None:
        index, *counts = event[1]
        self._totals.report(index, BatchCounts(*counts))

    async def _report(
        self, on_progress: Callable[[BatchProgress], object] | None, limits: Shares
    ) -> None:
        """Report progress now and then."""
        limit = limits.per_part * limits.parts
        while True:
            await asyncio.sleep(_REPORT_GAP)
            progress = self._totals.progress(time.perf_counter(), limit)
            if on_progress is not None:
                on_progress(progress)
            await self._check(progress)


def _size(part: InputPart) -> int:
    return (part.end or 0) - part.start
