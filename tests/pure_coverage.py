"""Branch coverage of each pure module by its own test file alone.

``python -m tests.pure_coverage`` prints what is not covered, and with two numbers, such
as ``2 4``, only that of the second quarter of the modules. It forks a process for each
module after pytest is imported, so that a module costs little more than its tests.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import coverage
import hypothesis
import hypothesis.strategies  # imported before the forks
import pytest
import pytest_asyncio.plugin

__all__ = ["PURE", "uncovered"]

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "sagemaker_rt"
_WORDS: Final = ("context", "errors", "file_body", "http", "identity")
_KERNEL: Final = (
    *("bound_middleware", "hooks", "observers"),
    *("stack", "step", "step_inputs"),
)
_LOAD: Final = (
    *("csv_report", "findings", "html_report", "loops", "number_texts", "plots"),
    *("progress", "result", "scales", "svg", "text_report"),
)
PURE: Final = (
    *sorted(f for f in (PACKAGE / "sansio").glob("*.py") if f.stem != "__init__"),
    *(PACKAGE / f"{name}.py" for name in _WORDS),
    *(PACKAGE / f"{name}.py" for name in _KERNEL),
    *(PACKAGE / "load" / f"{name}.py" for name in _LOAD),
)
_OPTIONS: Final = ("-q", "--tb=line", "--assert=plain")


def test_file_of(module: Path) -> Path:
    """Return the test file that mirrors *module*."""
    folder = ROOT / "tests" / module.relative_to(PACKAGE).parent
    return folder / f"test_{module.stem}.py"


def uncovered(module: Path) -> str:
    """Run the tests of *module* in a forked process; return what they do not cover.

    The text is empty if every line and branch is covered. It is pytest's output if a
    test fails.
    """
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as result:
        pid = os.fork()
        if not pid:
            _run_and_exit(module, Path(result.name))
        os.waitpid(pid, 0)
        return result.read()


def _run_and_exit(module: Path, result: Path) -> None:
    """Write what is not covered to *result*, and end this process."""
    text = "the process was ended"
    try:
        text = _measured(module)
    except BaseException:  # noqa: BLE001 - reported, as the process ends here
        text = traceback.format_exc()
    finally:
        result.write_text(text, encoding="utf-8")
        os._exit(0)  # buffers and exit handlers belong to the parent


def _measured(module: Path) -> str:
    measurement = coverage.Coverage(
        data_file=None, branch=True, include=[str(module)], config_file=False
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        with measurement.collect():
            arguments = [*_OPTIONS, str(test_file_of(module))]
            status = pytest.main(arguments, plugins=[pytest_asyncio.plugin])
        if status:
            return output.getvalue()
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
            measurement.json_report(outfile=report.name)
            (measured,) = json.load(report)["files"].values()
    lines, branches = measured["missing_lines"], measured["missing_branches"]
    return f"not run: {lines=} {branches=}" if lines or branches else ""


def _offenders(part: int, parts: int) -> Iterator[str]:
    for module in PURE[part - 1 :: parts]:
        if text := uncovered(module):
            yield f"{module.relative_to(ROOT).as_posix()}: {text}"


if __name__ == "__main__":
    # coverage must not depend on chance, so few examples are enough
    hypothesis.settings.register_profile("few", max_examples=10)
    hypothesis.settings.load_profile("few")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    part, parts = map(int, sys.argv[1:] or (1, 1))
    sys.stdout.write("\n".join(_offenders(part, parts)))
