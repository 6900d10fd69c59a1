"""Logging of calls over sockets: it does not change their results."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagemaker_rt import (
    Client,
    LogFormatter,
    LogMode,
    ModelError,
    PayloadPart,
    with_options,
)
from sagemaker_rt.emulator import (
    Emulator,
    echo,
    failing,
    service_unavailable,
    tokens,
)

LOGGER = logging.getLogger("tests.stories.logging")
EVERYTHING = ~LogMode.OFF


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {"m": echo, "failing": failing(), "tokens": tokens()}
    async with Emulator(models=models) as emulator:
        yield emulator


def client(emulator: Emulator, **fields: Any) -> Client:
    known: dict[str, Any] = {
        "region": emulator.region,
        "endpoint_url": emulator.url,
        "credentials": emulator.credentials,
        "environ": {},
        "logger": LOGGER,
    }
    return Client(**{**known, **fields})


async def parts_of(caller: Client, *opts: Any) -> list[bytes]:
    async with caller.invoke_endpoint_with_response_stream(
        *opts, endpoint_name="tokens", body=b"Tell me a story"
    ) as stream:
        return [part.bytes async for part in stream if isinstance(part, PayloadPart)]


async def test_a_logged_stream_is_received_whole(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER.name)

    async with client(emulator) as caller:
        plain = await parts_of(caller)
        logged = await parts_of(caller, with_options(log_mode=EVERYTHING))

    assert plain == logged
    lines = [r.getMessage() for r in caplog.records if r.name == LOGGER.name]
    events = [line for line in lines if ": event event/PayloadPart, " in line]
    assert [len(part) for part in plain] == [
        int(line.split(", ")[-1].split()[0]) for line in events
    ]
    assert not any("body of" in line and "HTTP" in line for line in lines)


async def test_a_logged_response_is_received_whole(emulator: Emulator) -> None:
    body = bytes(range(256)) * 4096

    async with client(emulator, log_mode=EVERYTHING) as caller:
        output = await caller.invoke_endpoint(endpoint_name="m", body=body)

    assert body == output.body


async def test_the_formatter_formats_the_line_of_each_call(emulator: Emulator) -> None:
    written = io.StringIO()  # a handler needs only a write method
    handler = logging.StreamHandler(written)
    handler.setFormatter(LogFormatter.default())
    logger = logging.Logger("calls")  # noqa: LOG001 - not registered
    logger.addHandler(handler)

    async with client(emulator, logger=logger, log_level="INFO") as caller:
        emulator.fail_next(service_unavailable())
        await caller.invoke_endpoint(endpoint_name="m", body=b"a", target_variant=None)
        with pytest.raises(ModelError):
            await caller.invoke_endpoint(endpoint_name="failing", body=b"a")
        await parts_of(caller)

    lines = re.sub(r"\d\.\d+ ", "TIME ", written.getvalue()).splitlines()
    good, call = "[SageMakerRuntime 200 TIME", "body=[FILTERED])"
    assert [
        f"{good} 1 retries] invoke_endpoint(endpoint_name='m', {call}",
        (
            f"{good} 0 retries] invoke_endpoint_with_response_stream"
            f"(endpoint_name='tokens', {call}"
        ),
    ] == [lines[0], lines[2]]
    assert lines[1].startswith(
        "[SageMakerRuntime 424 TIME 0 retries] "
        f"invoke_endpoint(endpoint_name='failing', {call} ModelError "
    )


class Structured:
    """A logger that is not from `logging`, such as those of structlog."""

    def __init__(self) -> None:
        self.events: list[tuple[object, dict[str, Any]]] = []

    def debug(self, event: str, *args: object, **facts: Any) -> None:
        self.events.append((event % args, facts))

    def log(self, level: int, event: str, *args: object, **facts: Any) -> None:
        self.events.append((event % args, facts))


async def test_a_logger_that_is_not_from_logging_receives_the_same(
    emulator: Emulator,
) -> None:
    logger = Structured()

    async with client(
        emulator, logger=logger, log_level="INFO", log_mode=EVERYTHING
    ) as caller:
        await caller.invoke_endpoint(endpoint_name="m", body=b"a")

    event, facts = logger.events[-1]
    assert "InvokeEndpoint: HTTP 200 in " in str(event)
    assert facts["extra"]["http_status"] == 200
    assert len(logger.events) == 5
