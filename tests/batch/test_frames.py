from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from typing import Any

import dask.dataframe
import pandas as pd
import pytest

from sagemaker_rt.batch import FrameScorer
from sagemaker_rt.errors import ModelError, ParamValidationError
from tests.batch.dask.clusters import Model, cluster_of


@pytest.fixture
async def cluster() -> AsyncIterator[Any]:
    async with cluster_of(Model()) as cluster:
        yield cluster


def frame_of(*texts: str) -> pd.DataFrame:
    index = [f"row {number}" for number in range(len(texts))]
    return pd.DataFrame({"text": texts, "n": range(len(texts))}, index=index)


async def in_thread(scorer: FrameScorer, frame: Any) -> Any:
    """Call *scorer* in a thread, because the emulator runs in this one."""
    return await asyncio.to_thread(scorer, frame)


async def test_partitions_of_dask_get_a_column(cluster: Any) -> None:
    frame = frame_of("a", "b", "c")
    scorer = FrameScorer("m", columns=["n"], output="score")
    split: Any = dask.dataframe.from_pandas  # it has no annotations
    parts = split(frame, npartitions=2)

    scored = parts.map_partitions(scorer, meta=scorer.meta(parts._meta))
    found = await cluster.compute(scored)

    assert ["text", "n", "score"] == [*found.columns]
    assert [[{"n": 0}], [{"n": 1}], [{"n": 2}]] == [*found["score"]]
    assert [*frame.index] == [*found.index]


async def test_errors_are_raised_or_a_column(cluster: Any) -> None:
    frame = frame_of("a", "bad")

    with pytest.raises(ModelError):
        await in_thread(FrameScorer("m"), frame)
    found = await in_thread(FrameScorer("m", errors="why"), frame)

    assert [[{"text": "a", "n": 0}], None] == [*found["output"]]
    assert [True, False] == [value is None for value in found["why"]]
    assert "bad input" in found["why"].iloc[1]


async def test_a_missing_value_is_sent_as_null(cluster: Any) -> None:
    frame = pd.DataFrame({"text": ["a", None], "x": [float("nan"), 1.5]})

    found = await in_thread(FrameScorer("m"), frame)

    assert [
        [{"text": "a", "x": None}],
        [{"text": None, "x": 1.5}],
    ] == [*found["output"]]


def test_columns_are_those_of_the_frame() -> None:
    with pytest.raises(ParamValidationError, match=r"such as \['text'\]"):
        FrameScorer("m", columns="text")
    scorer = FrameScorer("m", columns=["txt"])
    with pytest.raises(
        ParamValidationError, match="no column 'txt'; it has 'text', 'n'"
    ):
        scorer(frame_of("a"))


def test_no_client_is_made_for_an_empty_frame() -> None:
    scorer = FrameScorer("m", errors="why")

    assert ["text", "n", "output", "why"] == [*scorer(frame_of()).columns]
    assert scorer == pickle.loads(pickle.dumps(scorer))  # noqa: S301 - our own


async def test_it_works_in_an_event_loop() -> None:
    assert 0 == len(FrameScorer("m")(frame_of()))


@pytest.mark.parametrize("concurrency", [0, True, 1.5, float("inf"), "5", None])
def test_the_concurrency_is_a_positive_integer(concurrency: Any) -> None:
    with pytest.raises(ParamValidationError, match="concurrency must be a positive"):
        FrameScorer("m", concurrency=concurrency)
