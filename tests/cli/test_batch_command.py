from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagemaker_rt.cli.batch_command import BatchSettings
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelFailure
from sagemaker_rt.errors import ParamValidationError
from tests.batch.test_appended_file import full_disk
from tests.cli.running import run, start, variables


class Model:
    """Echoes, or fails; calls wait for the gate if it is closed."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.calls = 0
        self.called = asyncio.Event()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.calls += 1
        self.called.set()
        await self.gate.wait()
        if b"bad" in request.body:
            raise ModelFailure(400, "bad input")
        return request.body


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
async def emulator(model: Model) -> AsyncIterator[Emulator]:
    async with Emulator(models={"m": model}) as emulator:
        yield emulator


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "in.jsonl").write_text("1\n2\n3\n")
    return str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")


def write(path: str, text: str) -> None:
    Path(path).write_text(text)


def count(path: str) -> int:
    return Path(path).read_text().count("\n")


async def test_a_file_is_scored(emulator: Emulator, files: tuple[str, str]) -> None:
    result = await run("batch", "m", *files, environ=variables(emulator))

    assert (0, b"") == (result.code, result.out)
    assert "3 done in " in result.err
    assert f"results: {files[1]}" in result.err
    assert 3 == count(files[1])


async def test_a_summary_that_cannot_be_written_is_reported_before_the_job(
    emulator: Emulator, files: tuple[str, str], model: Model
) -> None:
    for summary in (f"{files[1]}/none/summary.json", str(Path(files[1]).parent)):
        result = await run(
            *("batch", "m", *files, "--summary", summary), environ=variables(emulator)
        )

        assert (2, 0) == (result.code, model.calls)


async def test_failed_inputs_have_an_exit_code(
    emulator: Emulator, files: tuple[str, str], tmp_path: Path
) -> None:
    write(files[0], '1\n"bad"\n')
    summary = tmp_path / "summary.json"

    result = await run(
        "batch",
        "m",
        *files,
        f"--summary={summary}",
        environ=variables(emulator),
    )

    assert 7 == result.code
    assert "--retry-failed repeats the failures.\n" in result.err
    assert {"ModelError": 1} == json.loads(summary.read_text())["errors"]


async def test_results_are_not_replaced_unless_that_is_asked_for(
    emulator: Emulator, files: tuple[str, str]
) -> None:
    environ = variables(emulator)
    codes = [
        (await run("batch", "m", *files, *options, environ=environ)).code
        for options in ([], [], ["--resume"], ["--overwrite"], ["--retry-failed"])
    ]

    assert [0, 2, 0, 0, 0] == codes
    assert 3 == count(files[1])


async def test_members_are_sent(emulator: Emulator, files: tuple[str, str]) -> None:
    result = await run(
        "batch",
        "m",
        *files,
        "--custom-attributes=a=b",
        "--concurrency=auto",
        "--quiet",
        environ=variables(emulator),
    )

    assert "" == result.err
    sent = emulator.requests[-1].headers
    assert ("a=b", "application/json") == (
        sent["x-amzn-sagemaker-custom-attributes"],
        sent["content-type"],
    )


async def test_a_job_that_stops_prints_the_command_that_continues_it(
    emulator: Emulator, files: tuple[str, str]
) -> None:
    result = await run(
        "batch", "missing", *files, "--overwrite", environ=variables(emulator)
    )

    assert 4 == result.code
    assert "error: BatchStoppedError: the job stopped: ValidationError" in result.err
    assert f"continue with: sagemaker-rt batch missing {' '.join(files)} --resume" in (
        result.err
    )


async def test_a_full_disk_is_an_error_of_the_output(
    emulator: Emulator, files: tuple[str, str]
) -> None:
    summary = f"{files[1]}.summary"

    with full_disk(50):
        result = await run(
            "batch", "m", *files, "--summary", summary, environ=variables(emulator)
        )

    assert 1 == result.code
    assert f"{summary} cannot be written: " in result.err
    assert "1 done in " in result.err
    assert "--resume" in result.err


async def test_a_summary_that_was_not_written_is_a_failure(
    emulator: Emulator, files: tuple[str, str], tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"

    with full_disk(300):
        result = await run(
            *("batch", "m", *files, "--summary", str(summary)),
            environ=variables(emulator),
        )

    assert 1 == result.code
    assert "3 done in " in result.err
    assert f"error: {summary} cannot be written: " in result.err


async def test_an_invalid_member_is_reported_without_a_command(
    emulator: Emulator, files: tuple[str, str]
) -> None:
    result = await run(
        *("batch", "m", *files, "--accept", "a\nb"), environ=variables(emulator)
    )

    assert 2 == result.code
    assert "continue with" not in result.err


async def test_a_signal_lets_calls_in_flight_finish(
    emulator: Emulator, files: tuple[str, str], model: Model
) -> None:
    model.gate.clear()
    process = await start(
        "batch", "m", *files, "--concurrency=2", environ=variables(emulator)
    )
    await model.called.wait()

    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    line = (await process.stderr.readline()).decode()
    assert "stopping; calls in flight may finish" in line
    model.gate.set()
    err = (await process.communicate())[1].decode()

    assert 130 == process.returncode
    assert "continue with: sagemaker-rt batch m" in err
    assert 1 <= count(files[1]) <= 2


async def test_a_second_signal_cancels_calls_in_flight(
    emulator: Emulator, files: tuple[str, str], model: Model
) -> None:
    model.gate.clear()
    process = await start("batch", "m", *files, environ=variables(emulator))
    await model.called.wait()

    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    await process.stderr.readline()
    process.send_signal(signal.SIGINT)
    await process.communicate()

    assert 130 == process.returncode


def test_the_concurrency_must_be_a_number_or_auto() -> None:
    with pytest.raises(ParamValidationError):
        BatchSettings(concurrency="many").job("m", "in", "out", {})


def test_options_of_the_command_are_those_of_the_job() -> None:
    job = BatchSettings(concurrency="auto", ordered=True, quiet=True).job(
        "m", "in", "out", {"accept": "x"}
    )

    assert ("auto", True, {"accept": "x"}) == (
        job.concurrency,
        job.ordered,
        job.members,
    )
