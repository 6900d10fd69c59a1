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


async def exported(process: asyncio.subprocess.Process) -> dict[str, str]:
    """Return what a shell would take over from the lines that *process* prints."""
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


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_serves_whoever_takes_its_variables_over(
    ending: signal.Signals,
) -> None:
    process = await running.start("emulator", environ=running.variables())
    variables = await exported(process)

    async with Client(environ=variables) as client:
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")
    process.send_signal(ending)
    _, err = await process.communicate()

    assert b"x" == output.body
    assert (0, b"") == (process.returncode, err)


async def test_it_serves_until_it_is_told_to_end() -> None:
    until, out = asyncio.Event(), io.StringIO()
    until.set()

    await serve("127.0.0.1", 0, out=out, until=until)

    assert "export AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=http://127.0.0.1:" in (
        out.getvalue()
    )


async def test_another_machine_is_not_served() -> None:
    with pytest.raises(OptionsError, match="loopback"):
        await serve("0.0.0.0", 0)  # noqa: S104 - what is refused


async def test_values_are_quoted_for_a_shell() -> None:
    until, out = asyncio.Event(), io.StringIO()
    until.set()

    await serve("::1", 0, out=out, until=until)

    assert "'http://[::1]:" in out.getvalue()


async def test_the_variables_hold_a_session_token_where_there_is_one() -> None:
    async with Emulator(credentials=Credentials("AKID", "shh", "token")) as emulator:
        variables = dict(environment(emulator))

    assert ("AKID", "shh", "token") == (
        variables["AWS_ACCESS_KEY_ID"],
        variables["AWS_SECRET_ACCESS_KEY"],
        variables["AWS_SESSION_TOKEN"],
    )
