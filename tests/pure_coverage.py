"""Branch coverage of each pure module by its own test file alone.

``python -m tests.pure_coverage`` prints what is not covered, and with two numbers, such
as ``2 4``, only that of the second quarter of the modules. One process runs all tests.
Coverage is recorded by the test file that runs, or by the module that is imported, so
that tests of other modules do not count.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from re import escape
from types import ModuleType
from typing import Final

import coverage
import hypothesis
import pytest
import pytest_asyncio.plugin

__all__ = ["PURE", "offenders"]

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
_CachedFunction: Final = type(cache(int))
_OPTIONS: Final = ("-q", "--tb=line", "--assert=plain")


def test_file_of(module: Path) -> Path:
    """Return the test file that mirrors *module*."""
    folder = ROOT / "tests" / module.relative_to(PACKAGE).parent
    return folder / f"test_{module.stem}.py"


class _Contexts(MetaPathFinder):
    """Tells coverage for which test file, or for which import, code runs.

    It is a plugin of pytest, and finds the modules of the package for imports.
    """

    def __init__(self, measurement: coverage.Coverage) -> None:
        self._measurement = measurement
        self._file = Path()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module that switches the context while it is executed."""
        if path is None or not fullname.startswith(f"{PACKAGE.name}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path, self)
        return spec

    def pytest_configure(self) -> None:
        """Run few examples, as coverage must not depend on chance."""
        hypothesis.settings.register_profile("few", max_examples=10)
        hypothesis.settings.load_profile("few")

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        if isinstance(collector, pytest.Module):
            self.switch(collector.path)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self.switch(item.path) != item.path:
            _clear_caches()

    def switch(self, file: Path) -> Path:
        """Record under the name of *file* from now on; return the file of before."""
        before, self._file = self._file, file
        if file != before:
            self._measurement.switch_context(str(file))
        return before


class _Loader(SourceFileLoader):
    """Executes a module in the context of its own file."""

    def __init__(self, fullname: str, path: str, contexts: _Contexts) -> None:
        super().__init__(fullname, path)
        self._contexts = contexts

    def exec_module(self, module: ModuleType) -> None:
        before = self._contexts.switch(Path(self.path))
        try:
            super().exec_module(module)
        finally:
            self._contexts.switch(before)


def _clear_caches() -> None:
    """Clear the results that functions have cached, so that each file starts alike."""
    for name, module in sys.modules.items():
        if name.startswith(f"{PACKAGE.name}."):
            for value in vars(module).values():
                if isinstance(value, _CachedFunction):
                    value.cache_clear()


def offenders(modules: Sequence[Path]) -> Iterator[str]:
    """Run the tests of *modules*; yield what they do not cover.

    If a test fails, it is only the output of pytest.
    """
    measurement = coverage.Coverage(
        data_file=None, branch=True, include=[*map(str, modules)], config_file=False
    )
    contexts = _Contexts(measurement)
    sys.meta_path.insert(0, contexts)
    output = io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        measurement.collect(),
    ):
        arguments = [*_OPTIONS, *(str(test_file_of(module)) for module in modules)]
        status = pytest.main(arguments, plugins=[pytest_asyncio.plugin, contexts])
    sys.meta_path.remove(contexts)
    if status:
        yield output.getvalue()
        return
    for module in modules:
        if missing := _missing(measurement, module):
            yield f"{module.relative_to(ROOT).as_posix()}: not run: {missing}"


def _missing(measurement: coverage.Coverage, module: Path) -> str:
    """Return the lines and branches that *module* and its tests do not run."""
    counted = [f"^{escape(str(file))}$" for file in (module, test_file_of(module))]
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
        measurement.json_report([str(module)], outfile=report.name, contexts=counted)
        (measured,) = json.load(report)["files"].values()
    lines, branches = measured["missing_lines"], measured["missing_branches"]
    return f"{lines=} {branches=}" if lines or branches else ""


if __name__ == "__main__":
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    part, parts = map(int, sys.argv[1:] or (1, 1))
    sys.stdout.write("\n".join(offenders(PURE[part - 1 :: parts])))
