"""The command ``sagemaker-rt demo``: each operation once, against the emulator."""

from __future__ import annotations

import inspect
from pathlib import Path
from textwrap import dedent, indent
from typing import Final

from attrs import frozen
from rich.console import Console

import sagemaker_rt
from sagemaker_rt.cli.emulator_command import environment
from sagemaker_rt.client import Client
from sagemaker_rt.emulator import Emulator, service_unavailable
from sagemaker_rt.shapes import InvokeEndpointAsyncOutput, InvokeEndpointOutput

__all__ = ["run_demo"]

_CODE: Final = """\
import asyncio

from sagemaker_rt import Client
from sagemaker_rt.emulator import Emulator


async def main() -> None:
    async with (
        Emulator() as emulator,
        Client(
            region=emulator.region,
            endpoint_url=emulator.url,
            credentials=emulator.credentials,
        ) as client,
    ):
{calls}
        print(whole.body, parts, queued.output_location)


asyncio.run(main())
"""
_READ_ON: Final = """\
To call AWS, leave out the emulator: Client() reads the region, the credentials and the
endpoint URL from the environment and the shared files.

    sagemaker-rt emulator               Run an emulator for your own programs.
    sagemaker-rt stack InvokeEndpoint   Show the middleware of a call.
    sagemaker-rt --help                 List all commands.
    help(sagemaker_rt.Client)           Read the reference of the operations.

Guides: {guides}
"""


@frozen
class _Results:
    whole: InvokeEndpointOutput
    parts: list[bytes]
    queued: InvokeEndpointAsyncOutput


async def _call(client: Client) -> _Results:
    """Call each operation; the demo prints the code between here and ``return``."""
    whole = await client.invoke_endpoint(endpoint_name="echo", body=b"Hello")

    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"A response in parts"
    ) as stream:
        parts = [part async for part in stream.iter_bytes()]

    queued = await client.invoke_endpoint_async(endpoint_name="echo", body=b"Later")
    return _Results(whole, parts, queued)


async def run_demo(console: Console | None = None) -> None:
    """Call an emulator, and print results, the code of the calls, and where to read on.

    Args:
        console: Receives the output; standard output by default.
    """
    out = console or Console(highlight=False, soft_wrap=True)
    async with (
        Emulator() as emulator,
        Client(environ=dict(environment(emulator))) as client,
    ):
        _print_title(out, f"Results of calls to an emulator at {emulator.url}")
        await _print_results(out, client, emulator)
    _print_title(out, "\nScript of these calls")
    out.print(_code(), markup=False, end="")
    _print_title(out, "\nRead on")
    guides = Path(sagemaker_rt.__file__).parent / "*" / "README.md"
    out.print(_READ_ON.format(guides=guides), markup=False, end="")


async def _print_results(out: Console, client: Client, emulator: Emulator) -> None:
    """Make the calls, and print what each returned."""
    results = await _call(client)
    await emulator.finish_jobs()
    location = results.queued.output_location or ""
    emulator.fail_next(service_unavailable())
    retried = await client.invoke_endpoint(endpoint_name="echo", body=b"Hello again")
    attempts = len(retried.metadata.attempts)
    lines = {
        "invoke_endpoint": f"{results.whole.body!r}",
        "invoke_endpoint_with_response_stream": f"{results.parts!r}",
        "invoke_endpoint_async": f"{emulator.objects[location]!r} at {location}",
        "invoke_endpoint, after HTTP 503": f"{retried.body!r} at attempt {attempts}",
    }
    for name, result in lines.items():
        out.print(f"    {name:38}{result}", markup=False)


def _print_title(out: Console, title: str) -> None:
    out.print(f"[bold]{title}[/]\n")


def _code() -> str:
    """Return the code that made the calls, as a program contains it."""
    _, _, body = inspect.getsource(_call).partition('"""\n')
    calls, _, _ = body.rpartition("    return ")
    return _CODE.format(calls=indent(dedent(calls).strip(), " " * 8))
