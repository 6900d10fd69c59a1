"""The command ``sagemaker-rt converse``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sagemaker_rt.emulator import Emulator, Incoming
from tests.cli.running import run, run_in_subprocess, variables


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


async def test_lines_are_sent_and_messages_printed(emulator: Emulator) -> None:
    result = await run(
        *("converse", "echo", "--linger", "0.2"),
        environ=variables(emulator),
        stdin="hällo\nbye\n".encode(),
    )

    assert (0, "hällo\nbye\n".encode(), "") == (result.code, result.out, result.err)


async def test_binary_messages_are_printed_unchanged(emulator: Emulator) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str | bytes]:
        yield f"{incoming.path}?{incoming.query}"
        async for message in incoming:
            yield str(message).encode() + b"\xff"

    emulator.deploy_websocket("echo", model)

    result = await run_in_subprocess(
        *("converse", "echo", "--linger", "0.2"),
        *("--model-invocation-path", "v1", "--model-query-string", "a=b"),
        environ=variables(emulator),
        stdin=b"x\n",
    )

    assert (0, b"v1?a=b\nx\xff") == (result.code, result.out)


async def test_a_model_may_end_the_conversation(emulator: Emulator) -> None:
    async def model(incoming: Incoming) -> AsyncIterator[str]:
        yield f"bye {await anext(incoming)}"

    emulator.deploy_websocket("echo", model)

    result = await run("converse", "echo", environ=variables(emulator), stdin=b"x\n")

    assert (0, b"bye x\n") == (result.code, result.out)


async def test_a_capture_may_try_wrong_dates_of_events(
    emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "capture"
    result = await run(
        *("converse", "echo", "--linger", "0.2"),
        *("--capture", str(file), "--event-date-offset=-600"),
        environ=variables(emulator),
        stdin=b"x\n",
    )
    first = json.loads(file.read_text().splitlines()[0])

    assert (0, b"x\n") == (result.code, result.out)
    assert ("dates of events", -600) == (first["what"], first["offset"])


async def test_wrong_dates_of_events_need_a_capture(emulator: Emulator) -> None:
    result = await run(
        *("converse", "echo", "--event-date-offset", "60"),
        environ=variables(emulator),
    )

    assert 2 == result.code
    assert "--event-date-offset needs --capture" in result.err


async def test_an_error_has_its_exit_code(emulator: Emulator) -> None:
    result = await run("converse", "missing", environ=variables(emulator), stdin=b"x\n")

    assert result.code
    assert "InputValidationError" in result.err or "not found" in result.err
