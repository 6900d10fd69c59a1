"""Fixtures and hooks of the whole suite."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final, NoReturn

import hypothesis
import pytest

from tests.conformance.vectors import VARIABLE, WITHOUT_DATA, folder

FOLDER: Final = Path(__file__).parent
LONGEST_TEST: Final = 100

# each process of the suite would compile the package and all tests again
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# on a busy machine, any test may be slow
hypothesis.settings.register_profile(
    "any machine",
    max_examples=50,
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
hypothesis.settings.load_profile("any machine")
# for ``pytest --hypothesis-profile=thorough``
hypothesis.settings.register_profile("thorough", max_examples=1000)

UNSTABLE: Final = re.compile(r" at 0x|\{'[^':]*', '[^':]*'[,}]")
"""Parts of the names of tests that differ between processes."""

UNMEASURED: Final = {"conformance", "faults", "fuzz", "stories"}
"""Folders whose tests do not count for coverage.

Measuring triples their time, and the tests of the modules alone have to cover the code.
"""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Take what collection creates out of garbage collection; it stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Switch coverage off for tests that need not be measured.

    Raises:
        pytest.UsageError: A name has the address of an object, or the items of a set.
            They differ between the processes of pytest-xdist.
    """
    if unstable := [item.nodeid for item in items if UNSTABLE.search(item.nodeid)]:
        raise pytest.UsageError("\n".join(unstable))
    for item in items:
        if UNMEASURED & {*item.path.relative_to(FOLDER).parts}:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def _time_limit() -> Iterator[None]:
    """Fail a test that hangs; faulthandler would end the whole run."""

    def fail(signum: int, frame: object) -> NoReturn:
        pytest.fail(f"this test took longer than {LONGEST_TEST} s")

    previous = signal.signal(signal.SIGALRM, fail)
    signal.alarm(LONGEST_TEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that is skipped for lack of data if there is a folder of data."""
    report = yield
    if not report.skipped or hasattr(report, "wasxfail") or folder() is None:
        return report
    if "conformance" in item.path.parts or "empty parameter" in report.longreprtext:
        report.outcome = "failed"
        report.longrepr = f"skipped, although {VARIABLE} is set: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List why tests were skipped, with the number of tests for each reason."""
    reasons = Counter(
        _reason(report) for report in terminalreporter.stats.get("skipped", ())
    )
    if reasons:
        terminalreporter.section("skipped tests")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason}")


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else report.longreprtext
    if "empty parameter set" in text:  # the parameters are conformance data
        return WITHOUT_DATA
    return text.removeprefix("Skipped: ")
