"""The table of the standard stack in the README of the middleware folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest

from sagemaker_rt import Client, LogMode
from tests.recording import RecordingMeterProvider, RecordingTracerProvider

README: Final = (
    Path(__file__).parents[2] / "sagemaker_rt" / "middleware" / "README.md"
).read_text(encoding="utf-8")
ROWS: Final = re.findall(r"^\| (\w*) ?\| `(\w+)` \|", README, re.MULTILINE)
OMITTED: Final = re.compile(r"^  (\w+): ", re.MULTILINE)


def ignore(*_: object) -> None:
    """Do nothing with a chunk."""


ALL_OPTIONS: Final[dict[str, Any]] = {
    "client_side_monitoring": True,
    "endpoint_resolver": ignore,
    "log_level": "INFO",
    "log_mode": ~LogMode.OFF,
    "max_redirects": 1,
    "meter_provider": RecordingMeterProvider(),
    "on_chunk_sent": ignore,
    "payload_signing": "unsigned",
    "request_compression": "gzip",
    "response_target": ignore,
    "retry_mode": "adaptive",
    "tracer_provider": RecordingTracerProvider(),
}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("InvokeEndpoint", {}),
        ("InvokeEndpoint", ALL_OPTIONS),
        ("InvokeEndpointWithResponseStream", {}),
    ],
    ids=["defaults", "all options", "stream"],
)
def test_the_table_has_the_standard_stack_in_order(
    operation: str, fields: dict[str, Any]
) -> None:
    client = Client(environ={}, region="eu-west-1", **fields)
    stack = client.stack(operation)

    ids = [id for step in stack.steps for id in step]
    omitted = OMITTED.findall(client.explain(operation))

    listed = [id for _, id in ROWS]
    assert [step.name for step in stack.steps] == [step for step, _ in ROWS if step]
    assert ids == [id for id in listed if id in ids]
    assert {*listed} == {*ids, *omitted}
