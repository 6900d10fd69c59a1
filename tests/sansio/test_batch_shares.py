from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_rt.sansio.batch_shares import Shares, shares


@pytest.mark.parametrize(
    ("concurrency", "workers", "threads", "expected"),
    [
        (64, 2, 1, Shares(per_worker=32, per_part=32, parts=2)),
        (64, 4, 8, Shares(per_worker=16, per_part=8, parts=8)),
        (10, 3, 2, Shares(per_worker=3, per_part=2, parts=5)),
        (2, 8, 2, Shares(per_worker=1, per_part=1, parts=2)),
        (1, 0, 0, Shares(per_worker=1, per_part=1, parts=1)),
    ],
)
def test_calls_in_flight_are_shared_among_workers(
    concurrency: int, workers: int, threads: int, expected: Shares
) -> None:
    assert expected == shares(concurrency, workers=workers, threads=threads)


def test_the_limit_of_a_worker_replaces_its_equal_share() -> None:
    found = shares(64, workers=2, threads=1, per_worker=8)

    assert Shares(per_worker=8, per_part=8, parts=8) == found


@given(
    st.integers(1, 10_000),
    st.integers(0, 500),
    st.integers(0, 64),
    st.none() | st.integers(1, 1000),
)
def test_parts_never_have_more_calls_in_flight_than_the_job(
    concurrency: int, workers: int, threads: int, per_worker: int | None
) -> None:
    found = shares(concurrency, workers=workers, threads=threads, per_worker=per_worker)

    assert concurrency >= found.per_part * found.parts
    assert all(number >= 1 for number in found)
