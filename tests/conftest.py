"""What all tests share."""

from __future__ import annotations

import asyncio.constants
import signal
from collections.abc import Generator, Iterator
from typing import Final, NoReturn

import pytest

from tests.conformance.vectors import VARIABLE, folder

LONGEST_TEST: Final = 100

# asyncio's debug mode stores a stack for each future and handle; with the default of
# ten frames that is half of the time of the suite
asyncio.constants.DEBUG_STACK_DEPTH = 1  # type: ignore[misc] # is read at each use


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    """Fail a test that hangs, by its name; the faulthandler would only say where."""

    def give_up(signum: int, frame: object) -> NoReturn:
        pytest.fail(f"this test took longer than {LONGEST_TEST} s")

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LONGEST_TEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that is skipped for want of data, where the data is said to be."""
    report = yield
    if not report.skipped or hasattr(report, "wasxfail") or folder() is None:
        return report
    if "conformance" in item.path.parts or "empty parameter" in report.longreprtext:
        report.outcome = "failed"
        report.longrepr = f"skipped, although {VARIABLE} is set: {report.longrepr}"
    return report
