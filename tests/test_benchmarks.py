from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"


def test_the_picture_shows_the_table_of_the_readme() -> None:
    plot = run_path(str(FOLDER / "plot.py"))
    rows = plot["ratios"](plot["README"].read_text(encoding="utf-8"))

    assert len(rows) > 3
    assert plot["drawing"](rows) == plot["SVG"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "only", "expected"),
    [
        ("unary", "sagemaker_rt,bare", {"sagemaker_rt", "sagemaker_rt,", "bare"}),
        ("streams", "sagemaker_rt", {"sagemaker_rt"}),
        ("stack_cost", "standard_stack,bare_stack", {"standard", "bare"}),
        ("resilience_cost", "", {"standard"}),
        ("signing", "sagemaker_rt", {"sagemaker_rt"}),
        ("faults", "sagemaker_rt", {"sagemaker_rt"}),
        ("eventstream_decoding", "sagemaker_rt", {"sagemaker_rt"}),
        ("first_token", "sagemaker_rt", {"sagemaker_rt"}),
        ("bidirectional", "sagemaker_rt", {"sagemaker_rt"}),
        ("text_decoding", "frames,iter_text,iter_sse", {"frames"}),
        pytest.param(
            "large_bodies",
            "sagemaker_rt",
            {"sagemaker_rt", "sagemaker_rt,"},
            marks=pytest.mark.skipif(
                sys.platform == "win32", reason="it reads memory by `resource`"
            ),
        ),
        pytest.param(
            "cold_start",
            "sagemaker_rt",
            {"sagemaker_rt"},
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="it reads memory from /proc"
            ),
        ),
    ],
)
def test_each_benchmark_prints_its_table(
    script: str, only: str, expected: set[str]
) -> None:
    command = [sys.executable, str(FOLDER / f"{script}.py"), "--quick", "--only", only]

    run = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: PLW1510 - the status is asserted, with the output

    assert (0, "") == (run.returncode, run.stderr)
    assert expected == {
        line.split()[0]
        for line in run.stdout.splitlines()
        if line.startswith(("sagemaker_rt", "standard", "bare", "frames"))
    }


def test_a_short_soak_leaves_no_resources() -> None:
    few = ["--unary", "1000", "--streams", "100"]
    command = [sys.executable, str(FOLDER / "soak.py"), *few]

    run = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: PLW1510 - the status is asserted, with the output

    assert (0, "") == (run.returncode, run.stderr)
    assert "unary: 1,000 of 1,000" in run.stdout
    assert "streams: 100 of 100" in run.stdout
    assert "UNEXPECTED" not in run.stdout


def test_configuration_is_compared_and_survives_an_outage() -> None:
    command = [sys.executable, str(FOLDER / "configuration.py"), "--quick"]

    run = subprocess.run(command, capture_output=True, text=True, timeout=90)  # noqa: PLW1510 - the status is asserted, with the output

    assert (0, "") == (run.returncode, run.stderr)
    assert "10,000 calls with expired credentials: retrieved 1, failed 0" in run.stdout
    assert "an outage of 30 minutes, a call per second: retrieved" in run.stdout
    assert run.stdout.endswith("failed 0\n")


@pytest.mark.skipif(sys.platform != "linux", reason="it reads memory from /proc")
def test_many_calls_are_compared() -> None:
    command = [sys.executable, str(FOLDER / "many_calls.py"), "--quick"]

    run = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: PLW1510 - the status is asserted, with the output

    assert (0, "") == (run.returncode, run.stderr)
    names = [line.split()[0] for line in run.stdout.splitlines() if "  " in line]
    assert ["gather", "invoke_many", "unordered"] * 2 == [
        name for name in names if name in {"gather", "invoke_many", "unordered"}
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="it reads memory from /proc")
def test_batch_jobs_are_measured() -> None:
    command = [sys.executable, str(FOLDER / "batch.py"), "--quick", "--only", "batch"]

    run = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: PLW1510 - the status is asserted, with the output

    assert (0, "") == (run.returncode, run.stderr)
    assert ["batch", "batch"] == [
        line.split()[0] for line in run.stdout.splitlines() if line.startswith("batch")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="it reads memory from /proc")
def test_a_batch_job_in_several_processes_is_measured() -> None:
    few = ["--rows", "2000", "--rounds", "0", "--processes", "1"]
    command = [sys.executable, str(FOLDER / "batch_processes.py"), *few]

    run = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: PLW1510 - the status is asserted, with the output

    # Dask's workers log the end of their scheduler if a heartbeat meets it
    assert 0 == run.returncode, run.stderr
    assert any(line.startswith("2,000 ") for line in run.stdout.splitlines())
