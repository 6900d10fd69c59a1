"""Measures CPU time and memory of a new process until its first response.

Each process runs up to one of four stages, and ends there. The CPU time is that of all
threads, user and system, since the start of the process. Linux only: memory is read
from ``/proc``.

Run::

    python benchmarks/cold_start.py [--quick] [--only VARIANT,…] [--rounds N]

Columns:

* ``start``: CPU ms until the interpreter is started
* ``import``: CPU ms until the packages are imported
* ``client``: CPU ms until the client is created
* ``call``: CPU ms until the first response is read
* ``call ÷ sagemaker_rt``: the previous column divided by that of sagemaker_rt, median
* ``p10 to p90``: spread of this ratio
* ``MiB: import``, ``call``: peak memory after the imports and after the first response
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import comparison
import interpreters
import server

_STAGES: Final = ("start", "import", "client", "call")

# the programs run in new interpreters, so that nothing else is imported
_AT: Final = """
import os, sys

def at(stage):
    if sys.argv[1] == stage:
        with open("/proc/self/status", "rb") as status:
            os.write(1, status.read().split(b"VmHWM:")[1].split()[0])
        os._exit(0)

url = sys.argv[2]
at("start")
"""
_SAGEMAKER_RT: Final = """
import asyncio
from sagemaker_rt import Client, Credentials

at("import")

async def main():
    async with Client(
        region="us-east-1",
        endpoint_url=url,
        credentials=Credentials("AKIDEXAMPLE", "secret"),
    ) as client:
        at("client")
        await client.invoke_endpoint(endpoint_name="bytes-100", body=b"x" * 100)
        at("call")

asyncio.run(main())
"""
_BARE: Final = """
import asyncio
import aiohttp

at("import")

async def main():
    async with aiohttp.ClientSession() as session:
        at("client")
        target = f"{url}/endpoints/bytes-100/invocations"
        async with session.post(target, data=b"x" * 100) as response:
            await response.read()
        at("call")

asyncio.run(main())
"""
_AIOBOTOCORE: Final = """
import asyncio
from aiobotocore.session import get_session

at("import")

async def main():
    async with get_session().create_client(
        "sagemaker-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
    ) as client:
        at("client")
        response = await client.invoke_endpoint(
            EndpointName="bytes-100", Body=b"x" * 100
        )
        await response["Body"].read()
        at("call")

asyncio.run(main())
"""
_BOTO3: Final = """
import boto3

at("import")
client = boto3.client(
    "sagemaker-runtime",
    region_name="us-east-1",
    endpoint_url=url,
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="secret",
)
at("client")
client.invoke_endpoint(EndpointName="bytes-100", Body=b"x" * 100)["Body"].read()
at("call")
"""


_VARIANTS: Final = {
    "sagemaker_rt": ("sagemaker_rt", _SAGEMAKER_RT),
    "bare": ("sagemaker_rt", _BARE),
    "aiobotocore": ("aiobotocore", _AIOBOTOCORE),
    "boto3": ("boto3", _BOTO3),
}
"""The library whose interpreter runs the program, and the program."""


@dataclass(frozen=True)
class _Start:
    """The cost of a process until its stage."""

    cpu: float
    """CPU time in seconds."""
    memory: int
    """Peak memory in KiB."""


def _run(command: Sequence[str]) -> _Start:
    process = subprocess.Popen(  # noqa: S603 - one of the programs above
        command, stdout=subprocess.PIPE, env=interpreters.environment()
    )
    if process.stdout is None:
        message = "the process was started without a pipe"
        raise RuntimeError(message)
    with process.stdout as output:
        memory = output.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{command[0]} failed"
        raise SystemExit(message)
    return _Start(usage.ru_utime + usage.ru_stime, int(memory))


def _take_turns(
    commands: Mapping[tuple[str, str], Sequence[str]], settings: comparison.Settings
) -> dict[tuple[str, str], list[_Start]]:
    """Start each command once per round; an uncounted round fills the file caches."""
    starts: dict[tuple[str, str], list[_Start]] = {key: [] for key in commands}
    keys = list(commands)
    for number in range(-min(1, settings.warm_up), settings.rounds):
        offset = number % len(keys)  # another order in each round
        for key in (*keys[offset:], *keys[:offset]):
            start_cost = _run(commands[key])
            if number >= 0:
                starts[key].append(start_cost)
    return starts


def _rows(starts: Mapping[tuple[str, str], Sequence[_Start]]) -> Iterator[list[str]]:
    names = list(dict.fromkeys(name for name, _ in starts))
    first = [start.cpu for start in starts[names[0], "call"]]
    for name in names:
        cpu = [median(s.cpu for s in starts[name, stage]) for stage in _STAGES]
        memory = [
            median(s.memory for s in starts[name, stage])
            for stage in ("import", "call")
        ]
        called = [start.cpu for start in starts[name, "call"]]
        ratios = [c / f for c, f in zip(called, first, strict=True)]
        yield [
            name,
            *(f"{seconds * 1000:,.0f}" for seconds in cpu),
            *comparison.spread(ratios),
            *(f"{kib / 1024:,.1f}" for kib in memory),
        ]


def main() -> None:
    """Print the table."""
    settings = comparison.settings(__doc__, rounds=15)
    chosen = [n for n in _VARIANTS if not settings.only or n in settings.only]
    with server.running() as url:
        commands: dict[tuple[str, str], Sequence[str]] = {}
        for name in chosen:
            peer, program = _VARIANTS[name]
            python = interpreters.python_for(peer, settings.peers)
            for stage in _STAGES:
                commands[name, stage] = [python, "-c", _AT + program, stage, url]
        rows = list(_rows(_take_turns(commands, settings)))
    over = f"call ÷ {chosen[0]}"
    header = ("", *_STAGES, over, "p10 to p90", "MiB: import", "call")
    print("\nCPU ms since the start of the process, and peak memory\n")
    print(comparison.table(header, rows))
    print(f"\n{comparison.platform()}, {settings.rounds} rounds")


if __name__ == "__main__":
    main()
