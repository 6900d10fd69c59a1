from __future__ import annotations

import asyncio
import io
import re
import shlex
import signal
import sys
from pathlib import Path

import pytest

from sagemaker_rt import Client, Credentials
from sagemaker_rt.cli.emulator_command import (
    EmulatorSettings,
    environment,
    load_model,
    serve,
)
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import OptionsError
from tests.cli import running


async def exported_variables(process: asyncio.subprocess.Process) -> dict[str, str]:
    """Return the variables that a shell sets from the output of *process*."""
    assert process.stdout is not None
    variables: dict[str, str] = {}
    while "AWS_SESSION_TOKEN" not in variables:
        words = shlex.split((await process.stdout.readline()).decode(), comments=True)
        if not words:
            continue
        if words[0] == "unset":
            variables[words[1]] = ""
        else:
            name, _, value = words[1].partition("=")
            variables[name] = value
    return variables


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
async def test_the_printed_variables_point_a_client_at_the_emulator(
    signal_number: signal.Signals,
) -> None:
    process = await running.start("emulator", environ=running.variables())
    variables = await exported_variables(process)

    async with Client(environ=variables) as client:
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")
    process.send_signal(signal_number)
    _, err = await process.communicate()

    assert b"x" == output.body
    assert 0 == process.returncode
    assert re.fullmatch(rb"POST /endpoints/echo/invocations 200 \d+\.\d ms\n", err)


async def test_the_emulator_runs_until_stop_is_set() -> None:
    stop, out = asyncio.Event(), io.StringIO()
    stop.set()

    await serve(EmulatorSettings(), out=out, stop=stop)

    assert "export AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=http://127.0.0.1:" in (
        out.getvalue()
    )


async def test_a_host_other_than_loopback_is_rejected() -> None:
    with pytest.raises(OptionsError, match=r"0\.0\.0\.0"):
        await serve(EmulatorSettings(host="0.0.0.0"))  # noqa: S104 - it is rejected


async def test_values_are_quoted_for_a_shell() -> None:
    stop, out = asyncio.Event(), io.StringIO()
    stop.set()

    await serve(EmulatorSettings(host="::1"), out=out, stop=stop)

    assert "'http://[::1]:" in out.getvalue()


async def test_the_variables_include_a_session_token() -> None:
    async with Emulator(credentials=Credentials("AKID", "shh", "token")) as emulator:
        variables = dict(environment(emulator))

    assert ("AKID", "shh", "token") == (
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        variables["AWS_SESSION_TOKEN"],
    )


SCRIPT = """\
import asyncio, os, sys
from sagemaker_rt import Client

async def main():
    async with Client() as client:
        output = await client.invoke_endpoint(endpoint_name="mine", body=b"x")
    print(output.body.decode(), os.environ["AWS_ACCESS_KEY_ID"])

asyncio.run(main())
sys.exit(7)
"""


async def test_a_command_runs_with_the_emulator_and_its_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_models.py").write_text(
        "async def shout(request):\n    return request.body.upper() + b'!'\n"
    )
    monkeypatch.chdir(tmp_path)

    result = await running.run_in_subprocess(
        "emulator",
        "--fixed-credentials",
        "--quiet",
        *("--model", "mine=my_models:shout"),
        *("--", sys.executable, "-c", SCRIPT),
        environ=running.variables(),
    )

    assert running.Result(7, b"X! AKIAEMULATOR\n", "") == result


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("mine", "NAME=MODULE:FUNCTION"),
        ("mine=os", "NAME=MODULE:FUNCTION"),
        ("mine=no_such_module:f", "no_such_module"),
        ("mine=os:no_such_function", "no_such_function"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_named(text: str, word: str) -> None:
    with pytest.raises(OptionsError, match=word):
        load_model(text)


async def test_half_a_pair_of_keys_is_refused() -> None:
    result = await running.run(
        "emulator", "--access-key", "AKID", environ=running.variables()
    )

    assert result.code == 2
    assert "--secret-key" in result.err


async def test_a_command_that_does_not_exist_is_reported() -> None:
    result = await running.run(
        "emulator", "--", "/no/such/program", environ=running.variables()
    )

    assert result.code == 2
    assert "/no/such/program" in result.err
