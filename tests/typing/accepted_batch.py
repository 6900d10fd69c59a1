"""Batch jobs."""

from __future__ import annotations

import asyncio
import logging

from sagemaker_rt import BatchStoppedError, Client
from sagemaker_rt.batch import BatchJob, BatchProgress, BatchSummary, run

LOGGER = logging.getLogger(__name__)


def show(progress: BatchProgress) -> None:
    text: str = progress.line
    left: float | None = progress.seconds_left
    LOGGER.info("%s %s %s", text, left, progress.done / progress.rate)


async def score(client: Client, stop: asyncio.Event) -> BatchSummary:
    job = BatchJob(
        "my-endpoint",
        "in.csv",
        "out.csv",
        format="csv",
        join="csv",
        header=True,
        members={"accept": "text/csv"},
        concurrency="auto",
        retry_failed=True,
    )
    try:
        return await run(job, client=client, on_progress=show, stop=stop)
    except BatchStoppedError as error:
        LOGGER.info("%s %s", error.summary, error.__cause__)
        raise


async def main() -> None:
    summary = await run(BatchJob("my-endpoint", "in.jsonl", "out.jsonl"))
    text: str = summary.text if summary.succeeded else summary.failures
    LOGGER.info("%s %s", text, summary.latency["p99"])
