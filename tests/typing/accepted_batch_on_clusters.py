"""Batch jobs on clusters."""

from __future__ import annotations

from typing import Any

from sagemaker_rt import Options
from sagemaker_rt.batch import BatchJob, BatchSummary, FrameScorer
from sagemaker_rt.batch.dask import run


async def score(cluster: Any) -> BatchSummary:
    job = BatchJob("my-endpoint", "in.jsonl", "out.jsonl", concurrency=256)
    return await run(
        job,
        cluster,
        options=Options(region="eu-west-1"),
        per_worker=64,
        part_lines=10_000,
        part_timeout=600.0,
    )


def score_frames(frames: Any) -> Any:
    scorer = FrameScorer("my-endpoint", output="score", columns=["text"], errors="why")
    return frames.map_partitions(scorer, meta=scorer.meta(frames._meta))
