from __future__ import annotations

import csv
import io

import attrs

from sagemaker_rt.load.csv_report import csv_report
from sagemaker_rt.load.result import TimeSlot
from tests.load.results import result_of


def test_the_timeline_has_a_row_for_each_interval() -> None:
    result = result_of()

    rows = [*csv.DictReader(io.StringIO(csv_report(result)))]

    assert [field.name for field in attrs.fields(TimeSlot)] == [*rows[0]]
    assert 60 == len(rows)
    assert {
        "start": "0",
        "seconds": "0.1",
        "scheduled": "1",
        "latency_max": "0.01",
    } == {
        name: rows[0][name] for name in ("start", "seconds", "scheduled", "latency_max")
    }
    assert ("0", "") == (rows[1]["succeeded"], rows[1]["latency_p50"])
