"""Runs a batch job on the workers of a Dask cluster."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from distributed import Client as Cluster

from sagemaker_rt.batch.client_options import with_connections
from sagemaker_rt.batch.dask.cluster_run import ClusterRun
from sagemaker_rt.batch.dask.planned_job import PlannedJob
from sagemaker_rt.batch.file_work import opened
from sagemaker_rt.batch.job import BatchJob
from sagemaker_rt.batch.local_copies import LocalCopies
from sagemaker_rt.batch.run import checked
from sagemaker_rt.batch.run import run as run_here
from sagemaker_rt.batch.summary import BatchSummary
from sagemaker_rt.client import Client
from sagemaker_rt.errors import ParamValidationError, SageMakerRuntimeError
from sagemaker_rt.options import Options
from sagemaker_rt.sansio.batch_statistics import BatchProgress
from sagemaker_rt.sansio.number_checks import is_integer, is_number

__all__ = ["run"]

T = TypeVar("T")


async def run(  # noqa: PLR0913 - all but two are keywords
    job: BatchJob,
    cluster: Cluster,
    *,
    options: Options | None = None,
    per_worker: int | None = None,
    part_lines: int = 1000,
    part_timeout: float = 3600.0,
    on_progress: Callable[[BatchProgress], object] | None = None,
    stop: asyncio.Event | None = None,
) -> BatchSummary:
    """Invoke a model with each input of *job*, on the workers of a Dask cluster.

    The input is split into parts. Each is a task of Dask, which has as many calls in
    flight as its share of ``job.concurrency``; this bounds the calls of the whole
    cluster. Results of a part are appended to a file in ``<output>.parts``. When all
    parts are done, they become the output, in their order, and the folder is removed.

    If a worker dies, another one continues its parts: lines that were written are not
    called again. If this process dies, or the job stops, ``resume=True`` continues all
    parts. Equal lines are called as often as they are in the input.

    Input, output and ``work_folder`` must be in a folder that all workers see at the
    same path. An input and an output in S3 are copied by this process. A finished
    output that is resumed is continued in this process, without the cluster.

    If the job is cancelled, calls in flight are cancelled too. The files stay valid.

    Args:
        cluster: A client of Dask, of either kind. It is not closed.
        options: The options of the client that each worker makes; they must be
            picklable. By default, they are those of the environment of the worker.
        per_worker: The maximum number of calls in flight of a worker. By default, an
            equal share of ``job.concurrency``.
        part_lines: The number of lines, or of files, of a part.
        part_timeout: Seconds after which a part is cancelled, and the job stops.
        on_progress: A plain function that is called up to five times per second.
        stop: Stops the job when it is set: no further call starts, and the results of
            calls in flight are written.

    Raises:
        TypeError: The options cannot be pickled, or *cluster* is not a client of Dask.
        ParamValidationError: An argument is invalid, the input cannot be read, or files
            of results exist, and the job neither resumes nor overwrites; nothing was
            sent.
        BatchStoppedError: The job stopped before its end. ``__cause__`` is why. The
            results so far are in the folder of parts.
        S3Error: The input cannot be read from S3.
    """
    _check(cluster, per_worker, part_lines, part_timeout)
    options = options or Options()
    pickle.dumps(options)
    planned = PlannedJob(job, options, per_worker, part_lines, part_timeout)
    here = asyncio.get_running_loop()
    # that of Tornado has one of asyncio
    loop: asyncio.AbstractEventLoop = getattr(cluster.loop, "asyncio_loop")  # noqa: B009 - not declared
    if loop is here:
        return await _run(planned, cluster, on_progress, stop)

    # a client that blocks has an event loop in another thread
    def report(progress: BatchProgress) -> None:
        if on_progress is not None:
            here.call_soon_threadsafe(on_progress, progress)

    stop_there = asyncio.Event()
    async with _forwarded(stop, lambda: loop.call_soon_threadsafe(stop_there.set)):
        return await _in_loop(loop, _run(planned, cluster, report, stop_there))


async def _run(
    planned: PlannedJob,
    cluster: Cluster,
    on_progress: Callable[[BatchProgress], object] | None,
    stop: asyncio.Event | None,
) -> BatchSummary:
    async with Client(planned.options) as client:
        copies = await LocalCopies.of(planned.job, client)
        planned.check(client, copies)
        await copies.fetch()
        async with opened(planned.prepare, copies) as prepared:
            if prepared is not None:
                cluster_run = ClusterRun(planned, prepared, cluster)
                summary = await cluster_run.run(on_progress, stop)
                return await _stored(summary, cluster_run.cause, copies)
    limit = planned.job.limit
    async with Client(with_connections(planned.options, limit)) as client:
        return await run_here(
            planned.job, client=client, on_progress=on_progress, stop=stop
        )


async def _stored(
    summary: BatchSummary, cause: Exception | None, copies: LocalCopies
) -> BatchSummary:
    """Store the results of a complete job.

    Raises:
        BatchStoppedError: The job is not complete, or its results cannot be stored.
    """
    is_stopped = not summary.is_complete
    try:
        if not is_stopped:
            await copies.store()
    except (SageMakerRuntimeError, OSError) as error:
        is_stopped, cause = True, error
    return checked(summary, cause, is_stopped=is_stopped)


def _check(
    cluster: object, per_worker: int | None, part_lines: int, part_timeout: float
) -> None:
    if not isinstance(cluster, Cluster):
        message = f"cluster must be a distributed.Client, not {cluster!r:.80}"
        raise TypeError(message)
    problems = [
        f"{name} must be a positive integer, not {value!r}"
        for name, value in {"per_worker": per_worker, "part_lines": part_lines}.items()
        if not (is_integer(value, 1) or (value is None and name == "per_worker"))
    ]
    if not (is_number(part_timeout) and part_timeout > 0):
        expected = "a positive number of seconds"
        problems.append(f"part_timeout must be {expected}, not {part_timeout!r}")
    if problems:
        raise ParamValidationError("; ".join(problems), problems)


@asynccontextmanager
async def _forwarded(
    stop: asyncio.Event | None, set_other: Callable[[], object]
) -> AsyncGenerator[None]:
    """Call *set_other* when *stop* is set in the block."""
    if stop is None:
        yield
        return

    async def wait(event: asyncio.Event) -> None:
        await event.wait()
        set_other()

    task = asyncio.create_task(wait(stop))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _in_loop(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, T]
) -> T:
    """Run *coroutine* in the event loop of another thread."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))
