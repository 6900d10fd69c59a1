from __future__ import annotations

import asyncio
import io
import shlex
import signal

import pytest

from sagemaker_rt import Client, Credentials
from sagemaker_rt.cli.emulator_command import environment, serve
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.errors import OptionsError
from tests.cli import running


async def exported_variables(process: asyncio.subprocess.Process) -> dict[str, str]:
    """Return the variables that a shell sets from the output of *process*."""
    assert process.stdout is not None
    variables: dict[str, str] = {}
    while "AWS_SESSION_TOKEN" not in variables:
        words = shlex.split((await process.stdout.readline()).decode())
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
    assert (0, b"") == (process.returncode, err)


async def test_the_emulator_runs_until_stop_is_set() -> None:
    stop, out = asyncio.Event(), io.StringIO()
    stop.set()

    await serve("127.0.0.1", 0, out=out, stop=stop)

    assert "export AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=http://127.0.0.1:" in (
        out.getvalue()
    )


async def test_a_host_other_than_loopback_is_rejected() -> None:
    with pytest.raises(OptionsError, match=r"0\.0\.0\.0"):
        await serve("0.0.0.0", 0)  # noqa: S104 - it is rejected


async def test_values_are_quoted_for_a_shell() -> None:
    stop, out = asyncio.Event(), io.StringIO()
    stop.set()

    await serve("::1", 0, out=out, stop=stop)

    assert "'http://[::1]:" in out.getvalue()


async def test_the_variables_include_a_session_token() -> None:
    async with Emulator(credentials=Credentials("AKID", "shh", "token")) as emulator:
        variables = dict(environment(emulator))

    assert ("AKID", "shh", "token") == (
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        variables["AWS_SESSION_TOKEN"],
    )
