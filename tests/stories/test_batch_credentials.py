"""Credentials that expire or change while a batch job runs."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import attrs

from sagemaker_rt.emulator import Emulator, InvocationRequest
from sagemaker_rt.identity import Credentials
from tests.cli.running import run, variables

ROWS = 40
KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
FIRST = Credentials("AKIDFIRST", "first-secret", "first-token")
SECOND = Credentials("AKIDSECOND", "second-secret", "second-token")


class Model:
    """Echoes, and calls a function before one of its responses."""

    def __init__(self, number: int, function: Callable[[], object]) -> None:
        self._number = number
        self._function = function
        self.calls = Counter[bytes]()

    async def __call__(self, request: InvocationRequest) -> bytes:
        self.calls[request.body] += 1
        if self.calls.total() == self._number:
            self._function()
        return request.body


def write_rows(folder: Path) -> tuple[str, str]:
    source, output = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text("".join(f"{row}\n" for row in range(ROWS)))
    return str(source), str(output)


def lines(output: str) -> list[int]:
    return sorted(
        json.loads(line)["line"] for line in Path(output).read_text().splitlines()
    )


async def test_a_token_that_expires_stops_the_job_which_goes_on_with_a_new_one(
    tmp_path: Path,
) -> None:
    def expire() -> None:
        emulator.credentials = attrs.evolve(
            FIRST, expires_at=datetime(2000, 1, 1, tzinfo=UTC)
        )

    model = Model(10, expire)
    source, output = write_rows(tmp_path)
    async with Emulator(models={"m": model}, credentials=FIRST) as emulator:
        before = variables(emulator)
        stopped = await run(
            *("batch", "m", source, output, "--concurrency=1"), environ=before
        )
        done = lines(output)
        emulator.credentials = SECOND
        command = stopped.err.rpartition("continue with: ")[2]
        continued = await run(*shlex.split(command)[1:], environ=variables(emulator))

    assert 4 == stopped.code
    assert "ExpiredTokenException" in stopped.err
    assert [*range(1, 11)] == done
    assert 0 == continued.code
    assert [*range(1, ROWS + 1)] == lines(output)
    assert {1} == {*model.calls.values()}


async def test_a_process_that_has_new_credentials_keeps_the_job_running(
    tmp_path: Path,
) -> None:
    document = tmp_path / "credentials.json"

    def use(credentials: Credentials) -> None:
        emulator.credentials = credentials
        keys = {
            "Version": 1,
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
        }
        document.write_text(json.dumps(keys))

    script = tmp_path / "process.py"
    script.write_text(f"print(open({str(document)!r}).read())")
    config = tmp_path / "config"
    command = shlex.join([sys.executable, str(script)])
    config.write_text(f"[default]\ncredential_process = {command}\n")
    model = Model(10, lambda: use(SECOND))
    source, output = write_rows(tmp_path)
    async with Emulator(models={"m": model}, credentials=FIRST) as emulator:
        use(FIRST)
        files = {
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        environ = {
            name: value
            for name, value in variables(emulator).items()
            if name not in KEYS
        } | files
        result = await run("batch", "m", source, output, environ=environ)

    assert 0 == result.code, result.err
    assert [*range(1, ROWS + 1)] == lines(output)
    assert {1} == {*model.calls.values()}
