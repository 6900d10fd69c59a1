from __future__ import annotations

import asyncio
import json
import sys

import pytest

from sagemaker_rt import Client, ConnectError
from sagemaker_rt.cli.emulator_process import (
    emulator_process,
    serve_until_end_of_input,
)
from tests.cli.running import variables
from tests.process_state import replaced_streams


async def test_the_emulator_runs_in_the_block() -> None:
    async with emulator_process() as environ, Client(environ=environ) as client:
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")

    assert b"x" == output.body
    async with Client(environ=environ, retry_mode="off") as client:
        with pytest.raises(ConnectError):
            await client.invoke_endpoint(endpoint_name="echo", body=b"x")


async def test_the_emulator_ends_with_the_process_that_started_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sagemaker_rt.cli.emulator_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=variables(),
    )

    out, _ = await process.communicate(b"")

    assert (0, True) == (process.returncode, "AWS_REGION" in json.loads(out))


async def test_the_variables_are_a_line_of_json() -> None:
    with replaced_streams() as streams:
        await serve_until_end_of_input()

    assert {"AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", "AWS_ACCESS_KEY_ID"} <= {
        *json.loads(streams.out)
    }
    assert 1 == streams.out.count(b"\n")
