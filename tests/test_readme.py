"""Every ``python`` block of every README.md, run against the emulator.

Conventions of a block:

* It runs as it stands, on its own: either at a prompt where ``await`` is allowed at the
  top level, or as a script that calls ``asyncio.run`` itself.
* The environment names the emulator's URL and region, and credentials that it accepts.
  `Client()` without options therefore sends its calls there. The emulator has the
  standard models of `Emulator`, and ``my-endpoint``, which echoes its input, and
  ``my-llm``, which streams it word by word; ``s3://my-bucket/input.json`` exists.
* Home and working directory are empty, temporary folders.
* If a ``text`` block follows, it is the exact output. If not, nothing may be printed.
  Nothing may be written to the standard error, and warnings are errors.
* A block that defines functions named ``test_*`` is a test file, and is run by pytest.

Blocks in other languages are not run; use ``py`` for Python code of other libraries.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import os
import re
from codeop import CommandCompiler
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
import pytest
from attrs import frozen

from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.emulator import Emulator, echo, tokens
from sagemaker_rt.options import TimeoutOptions
from tests.faults.table import FAULTS
from tests.process_state import (
    import_whole_package,
    replaced_environment,
    replaced_streams,
)

pytest_plugins = ["pytester"]
import_whole_package()  # the fixture pytester forgets the modules of each test

ROOT: Final = Path(__file__).parent.parent
READMES: Final = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "sagemaker_rt").rglob("README.md"),
        *(ROOT / "tests").rglob("README.md"),
        *(ROOT / "benchmarks").rglob("README.md"),
    ]
)
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
IS_TEST: Final = re.compile(r"^(async )?def test_", re.MULTILINE)
TIME_LIMIT: Final = re.compile(r"^\| `(\w+)` \| (none|\d+ s) \|", re.MULTILINE)
PLUGINS: Final = ("cacheprovider", "randomly", "hypothesispytest", "xdist")
PYTEST: Final = (
    *("-W", "error", *(f"-pno:{name}" for name in PLUGINS)),
    *("-o", "asyncio_mode=strict", "-o", "asyncio_default_fixture_loop_scope=function"),
)


@frozen
class Example:
    """A block of code, and the output that the README shows."""

    file: Path
    line: int
    code: str
    printed: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT).as_posix()}:{self.line}"


def examples(file: Path) -> Iterator[Example]:
    """Yield the ``python`` blocks of *file*."""
    text = file.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    for block, following in zip(blocks, [*blocks, None][1:], strict=True):
        if block[1] == "python":
            is_shown = following is not None and following[1] == "text"
            printed = following[2] if following is not None and is_shown else ""
            line = text.count("\n", 0, block.start()) + 1
            yield Example(file, line, block[2], printed)


EXAMPLES: Final = [example for file in READMES for example in examples(file)]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(models={"my-endpoint": echo, "my-llm": tokens()}) as emulator:
        emulator.objects["s3://my-bucket/input.json"] = b"{}"
        yield emulator


def test_examples_can_be_pasted_into_a_prompt() -> None:
    """`python -m asyncio` of Python 3.11 ends a block at an empty line."""
    invalid = list[str]()
    for example in EXAMPLES:
        if "asyncio.run(" in example.code or IS_TEST.search(example.code):
            continue  # a file, not input of a prompt
        prompt = CommandCompiler()
        prompt.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        pending = list[str]()
        for line in [*example.code.splitlines(), ""]:
            pending.append(line)
            try:
                if prompt("\n".join(pending), symbol="single") is not None:
                    pending.clear()
            except SyntaxError as error:
                invalid.append(f"{example}: {error.msg}: {line!r}")
                break

    assert [] == invalid


def execute(example: Example) -> None:
    """Run the code of *example* as a Python prompt would; call it in a thread."""
    code = compile(
        "\n" * example.line + example.code,  # tracebacks have the lines of the README
        str(example.file),
        "exec",
        ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        dont_inherit=True,
    )
    result = eval(code, {"__name__": "__main__"})  # noqa: S307 - our own examples
    if inspect.iscoroutine(result):
        asyncio.run(result)


@contextmanager
def restored_logging() -> Iterator[None]:
    """Undo what an example does to the loggers that it configures."""
    loggers = [logging.getLogger(), logging.getLogger("sagemaker_rt")]
    before = [(logger.level, logger.handlers[:]) for logger in loggers]
    try:
        yield
    finally:
        for logger, (level, handlers) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.handlers[:] = handlers


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
async def test_an_example_runs_and_prints_what_is_shown(
    example: Example, emulator: Emulator, pytester: pytest.Pytester
) -> None:
    kept = {name: os.environ[name] for name in {"PATH", "SYSTEMROOT"} & {*os.environ}}
    environ = {**kept, "HOME": str(pytester.path), **dict(environment(emulator))}

    with replaced_environment(environ), restored_logging():
        if IS_TEST.search(example.code):
            pytester.makepyfile(example.code)
            result = await asyncio.to_thread(pytester.runpytest_inprocess, *PYTEST)
            assert 0 == result.ret
            return
        with replaced_streams() as streams:
            await asyncio.to_thread(execute, example)

    assert (b"", example.printed.encode()) == (streams.err, streams.out)


def test_the_root_readme_has_the_default_time_limits() -> None:
    defaults = attrs.asdict(TimeoutOptions())
    del defaults["defaults_mode"]
    defaults["connect_timeout"] = TimeoutOptions().per_attempt.connect

    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert defaults == {
        name: None if value == "none" else float(value.removesuffix(" s"))
        for name, value in TIME_LIMIT.findall(text)
    }


def test_the_root_readme_has_the_number_of_faults() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [str(len(FAULTS))] == re.findall(
        r"^(\d+) faults of servers", text, re.MULTILINE
    )
