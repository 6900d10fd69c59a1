"""The timeline of a load test as CSV."""

from __future__ import annotations

import csv
import io

import attrs

from sagemaker_rt.load.result import LoadResult, TimeSlot

__all__ = ["csv_report"]


def csv_report(result: LoadResult) -> str:
    """Return a row for each interval of *result*; times are in seconds.

    The columns are the fields of `TimeSlot`. An empty cell: no call succeeded.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in attrs.fields(TimeSlot))
    for slot in result.timeline:
        values = attrs.astuple(slot)
        writer.writerow(
            f"{value:.6g}" if isinstance(value, float) else value for value in values
        )
    return text.getvalue()
