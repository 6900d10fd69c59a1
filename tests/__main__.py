"""Run every check of the project: ``python -m tests``.

The command prints its steps, runs them in order and stops at the first step that fails.
``python -m tests --fix`` first runs the generators and applies automatic fixes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

from tests.conformance.vectors import VARIABLE

_ROOT: Final = Path(__file__).parent.parent
_LINT_IMPORTS: Final = "from importlinter.cli import lint_imports_command as c; c()"

# tests of timeouts wait, so that two processes do not keep two cores busy
_PROCESSES: Final = str((os.cpu_count() or 1) + 1)
_COVERAGE: Final = ("--cov", "--cov-fail-under=98")
# measuring takes minutes, and the result does not depend on the version of Python
_IS_MEASURED: Final = sys.version_info >= (3, 12)


class Step(NamedTuple):
    """One step: what it does, and the arguments of Python that do it."""

    purpose: str
    arguments: tuple[str, ...]


FIXES: Final = (
    Step("write the generated files", ("-m", "tests.generators")),
    Step("write the list of public names", ("-m", "tests.public_surface")),
    Step("apply the fixes of the linter", ("-m", "ruff", "check", "--fix-only")),
    Step("format the code", ("-m", "ruff", "format")),
)
CHECKS: Final = (
    Step("check the format", ("-m", "ruff", "format", "--check")),
    Step("lint", ("-m", "ruff", "check")),
    Step("check types with mypy", ("-m", "mypy", ".")),
    Step(
        "check types with pyright",
        ("-m", "basedpyright", "--pythonpath", sys.executable),
    ),
    Step("check the layers of imports", ("-c", _LINT_IMPORTS, "--no-logo")),
    Step(
        "run the tests on all cores, and require a coverage of 98 %"
        if _IS_MEASURED
        else "run the tests on all cores",
        ("-m", "pytest", "-q", "-n", _PROCESSES, *(_COVERAGE if _IS_MEASURED else ())),
    ),
)
"""pytest is last, so that its summary stays on the screen."""


def main() -> int:
    """Run the steps, and return the first exit status that is not 0."""
    parser = ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument(
        "--fix", action="store_true", help="first run the generators and fix the code"
    )
    parser.add_argument(
        "--debug", action="store_true", help="run event loops in debug mode (slower)"
    )
    arguments = parser.parse_args()
    steps = FIXES + CHECKS if arguments.fix else CHECKS
    if arguments.debug:
        os.environ["PYTEST_ADDOPTS"] = "--asyncio-debug"
    print(_plan(steps))
    for number, step in enumerate(steps, 1):
        print(f"\n[{number}/{len(steps)}] {step.purpose}", flush=True)
        started = perf_counter()
        command = [sys.executable, *step.arguments]
        status = subprocess.run(command, cwd=_ROOT, check=False).returncode
        print(f"{perf_counter() - started:.0f} s", flush=True)
        if status:
            print(_failure(step, steps[number:]))
            return status
    print("\nAll steps passed.")
    return 0


def _plan(steps: Sequence[Step]) -> str:
    """Return what the command is going to do."""
    lines = ["Steps:"]
    lines += [f"  {number}. {step.purpose}" for number, step in enumerate(steps, 1)]
    data = os.environ.get(VARIABLE)
    lines.append(
        f"Conformance data: {data}"
        if data
        else f"Conformance data: none, as {VARIABLE} is not set; its tests are skipped"
    )
    return "\n".join(lines)


def _failure(step: Step, rest: Sequence[Step]) -> str:
    lines = [f"\nFailed: {step.purpose}"]
    lines += [f"Not run: {later.purpose}" for later in rest]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
