"""Load tests of an endpoint, in an open or a closed loop.

::

    result = await load.run(client, input, load.OpenLoop(rate=200), seconds=30)
    print(load.text_report(result))
"""

from __future__ import annotations

from sagemaker_rt.load.csv_report import csv_report
from sagemaker_rt.load.html_report import html_report
from sagemaker_rt.load.load_run import run
from sagemaker_rt.load.loops import ClosedLoop, OpenLoop
from sagemaker_rt.load.measured_call import LoadInput, TokenUnit
from sagemaker_rt.load.progress import LoadProgress
from sagemaker_rt.load.result import (
    ErrorSummary,
    LatencySummary,
    LoadPlan,
    LoadResult,
    TimeSlot,
)
from sagemaker_rt.load.text_report import text_report

__all__ = [
    "ClosedLoop",
    "ErrorSummary",
    "LatencySummary",
    "LoadInput",
    "LoadPlan",
    "LoadProgress",
    "LoadResult",
    "OpenLoop",
    "TimeSlot",
    "TokenUnit",
    "csv_report",
    "html_report",
    "run",
    "text_report",
]
