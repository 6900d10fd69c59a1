from __future__ import annotations

import asyncio
import csv
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagemaker_rt.emulator import Emulator, service_unavailable, throttle
from tests.batch.test_appended_file import full_disk
from tests.cli.running import run, start, variables

SHORT = ("--duration", "0.5", "--rate", "40", "--quiet")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


async def test_a_load_test_prints_its_result(emulator: Emulator) -> None:
    result = await run("bench", "echo", "x", *SHORT, environ=variables(emulator))

    assert (0, "") == (result.code, result.err)
    lines = result.out.decode().splitlines()
    assert (
        "echo: InvokeEndpoint, open loop, 40.0/s (poisson, seed 0) for 0.5 s"
        == lines[0]
    )
    assert {"calls", "rate", "latency", "start"} <= {
        line.split(" ")[0] for line in lines
    }
    assert {b"x"} == {request.body for request in emulator.requests}


async def test_an_endpoint_is_streamed_by_callers_that_wait(emulator: Emulator) -> None:
    result = await run(
        "bench",
        "tokens",
        "one two",
        "--stream",
        *("--concurrency", "2", "--duration", "0.3", "--warm-up", "0.1"),
        *("--custom-attributes", "a"),
        environ=variables(emulator),
    )

    out = result.out.decode()
    assert 0 == result.code
    assert "WithResponseStream, closed loop, 2 callers for 0.3 s after 0.1 s of" in out
    assert ("tokens ", "first token ") == tuple(
        word for word in ("tokens ", "first token ") if f"\n{word}" in out
    )


async def test_progress_is_printed_to_standard_error(emulator: Emulator) -> None:
    result = await run(
        *("bench", "echo", "--rate", "20", "--duration", "1.2"),
        environ=variables(emulator),
    )

    assert " of 1.2 s" in result.err
    assert b"{}" == emulator.requests[-1].body


async def test_reports_are_written(emulator: Emulator, tmp_path: Path) -> None:
    files = [tmp_path / f"report.{name}" for name in ("html", "json", "csv")]
    outputs = [f"--output={file}" for file in files]

    result = await run("bench", "echo", *SHORT, *outputs, environ=variables(emulator))

    page, document, table = (file.read_text(encoding="utf-8") for file in files)
    assert 0 == result.code
    assert page.startswith("<!doctype html>")
    assert "echo" == json.loads(document)["plan"]["endpoint_name"]
    assert 5 == len([*csv.DictReader(table.splitlines())])


async def test_a_report_that_cannot_be_written_does_not_prevent_others(
    emulator: Emulator, tmp_path: Path
) -> None:
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    outputs = [f"--output={page}", f"--output={table}"]

    with full_disk(2000):
        result = await run(
            "bench", "echo", *SHORT, *outputs, environ=variables(emulator)
        )

    assert 1 == result.code
    assert f"error: {page} cannot be written: " in result.err
    assert b"0 failed" in result.out
    assert 5 == len([*csv.DictReader(table.read_text().splitlines())])


async def test_failed_calls_have_an_exit_code(emulator: Emulator) -> None:
    emulator.faults.add(service_unavailable(), times=None)

    result = await run(
        "bench", "echo", *SHORT, "--max-attempts=1", environ=variables(emulator)
    )

    assert 7 == result.code
    assert b"100 %  ServiceUnavailable: " in result.out


async def test_a_throttled_endpoint_is_tested(emulator: Emulator) -> None:
    emulator.faults.add(throttle(), times=None)

    result = await run(
        "bench", "echo", *SHORT, "--max-attempts=1", environ=variables(emulator)
    )

    assert 7 == result.code
    assert b"  ThrottlingException: " in result.out


@pytest.mark.parametrize("options", [(), ("--stream",)])
async def test_a_test_that_cannot_succeed_is_not_made(
    emulator: Emulator, options: tuple[str, ...]
) -> None:
    result = await run(
        "bench", "no-such-endpoint", *SHORT, *options, environ=variables(emulator)
    )

    assert (4, b"") == (result.code, result.out)
    assert "ValidationError" in result.err
    assert 1 == len(emulator.requests)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--rate=5", "--concurrency=2"], "--rate and --concurrency"),
        (["--rate=0"], "rate must be a positive number"),
        (["--concurrency=1.5"], "--concurrency: '1.5' is not a whole number"),
        (["--seed=1e3"], "--seed: '1e3' is not a whole number"),
        (["--max-attempts=2.5"], "--max-attempts: '2.5' is not a whole number"),
        (["--duration=0"], "--duration must be a positive number, not 0"),
        (["--output=report.pdf"], ".html, .json, .csv"),
        (["--output=no/such/folder.html"], "folder that exists"),
        (["--emulator", "--endpoint-url=http://localhost"], "--emulator and"),
        (["--stream", "--target-model=m"], "--target-model: not with --stream"),
    ],
)
async def test_invalid_arguments_are_reported(
    emulator: Emulator, arguments: list[str], word: str
) -> None:
    result = await run("bench", "echo", *arguments, environ=variables(emulator))

    assert (2, b"") == (result.code, result.out)
    assert word in result.err


async def test_an_emulator_is_started() -> None:
    result = await run(
        "bench", "tokens", "--emulator", "--stream", *SHORT, environ=variables()
    )

    assert b"0 failed" in result.out
    assert 0 == result.code


async def test_an_interrupted_test_reports_what_it_measured(
    emulator: Emulator,
) -> None:
    process = await start(
        *("bench", "echo", "x", "--rate", "50", "--duration", "1000"),
        environ=variables(emulator),
    )
    assert process.stderr is not None
    await process.stderr.readline()

    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(b""), 30)

    assert 130 == process.returncode
    assert b"! The test was interrupted after " in out
    assert b"Traceback" not in err
