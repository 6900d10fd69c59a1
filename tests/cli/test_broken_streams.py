"""The command line with standard streams that are closed, full or not UTF-8."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from pathlib import Path

import pytest

from sagemaker_rt.emulator import Emulator, FailStream
from tests.cli.running import run, start, variables


async def shell(
    command: str, emulator: Emulator | None = None, **more: str
) -> tuple[int | None, bytes, bytes]:
    """Run *command*, in which RT is the command line, in bash."""
    text = command.replace("RT", f"{shlex.quote(sys.executable)} -m sagemaker_rt")
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        text,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=variables(emulator, **{"PYTHONPATH": str(Path.cwd()), **more}),
    )
    out, err = await process.communicate()
    return process.returncode, out, err


@pytest.mark.parametrize("command", ["stack InvokeEndpoint", "--help", "demo"])
async def test_output_that_cannot_be_written_is_reported(command: str) -> None:
    code, _, err = await shell(f"RT {command} > /dev/full")

    assert 1 == code
    assert 1 == len(err.splitlines())
    assert err.startswith(b"sagemaker-rt: error: ")


async def test_a_reader_that_closes_the_pipe_ends_the_command_silently() -> None:
    _, _, err = await shell("RT stack InvokeEndpoint | true")

    assert b"" == err


async def test_closed_standard_input_is_reported() -> None:
    code, _, err = await shell("RT invoke echo <&-")

    assert 2 == code
    assert b"standard input" in err


async def test_a_terminal_without_utf_8_shows_escapes() -> None:
    code, _, err = await shell("RT demo", PYTHONIOENCODING="ascii")

    assert (0, b"") == (code, err)


@pytest.mark.parametrize("port", ["99999", "-1"])
async def test_a_port_out_of_range_is_reported(port: str) -> None:
    result = await run("emulator", f"--port={port}", environ=variables())

    assert 2 == result.code
    assert port in result.err
    assert 1 == len(result.err.splitlines())


async def test_ctrl_c_ends_the_wait_for_standard_input() -> None:
    main = (
        "import os, sys, signal, threading, io\n"
        "class Input(io.RawIOBase):\n"
        "    def read(self, size=-1):\n"
        "        os.write(1, b'reading')\n"
        "        return os.read(0, 1)\n"
        "    def isatty(self): return False\n"
        "class Text:\n"
        "    buffer = Input()\n"
        "    def isatty(self): return True\n"
        "sys.stdin = Text()\n"
        "from sagemaker_rt.cli import main; main()"
    )
    process = await start("invoke", "echo", environ=variables(), main=main)
    assert process.stdout is not None
    await process.stdout.readexactly(7)

    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()

    assert 130 == process.returncode
    assert b"standard input" in err


async def test_a_stream_that_fails_in_the_middle_has_the_exit_code_5() -> None:
    async with Emulator() as emulator:
        emulator.fail_next(FailStream(exception="ModelStreamError"))
        result = await run("stream", "tokens", "a b", environ=variables(emulator))

    assert 5 == result.code


async def test_a_verbose_stream_prints_the_members() -> None:
    async with Emulator() as emulator:
        environ = variables(emulator)
        result = await run("stream", "tokens", "a b", "--verbose", environ=environ)

    assert b"a b" == result.out
    assert '"invoked_production_variant"' in result.err


async def test_a_hyphen_as_file_reads_standard_input() -> None:
    async with Emulator() as emulator:
        environ = variables(emulator)
        result = await run("invoke", "echo", "--file", "-", environ=environ, stdin=b"x")

    assert (0, b"x") == (result.code, result.out)
