from __future__ import annotations

import io

from sagemaker_rt.batch.progress import ProgressLines
from sagemaker_rt.sansio.batch_statistics import BatchStatistics
from tests.doubles import ManualClock


def test_a_line_is_printed_every_ten_seconds() -> None:
    file, clock = io.StringIO(), ManualClock(0.0)
    lines = ProgressLines(file, clock=clock)
    statistics = BatchStatistics(100, 0.0)

    for _ in range(30):
        clock.advance(1)
        statistics.succeeded(1, 0.1)
        lines(statistics.progress(clock.now, 4))

    printed = file.getvalue().splitlines()
    assert ["10.0%", "20.0%", "30.0%"] == [line.split(",")[0] for line in printed]
