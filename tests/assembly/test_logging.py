from __future__ import annotations

import logging
from typing import Any

import pytest

from sagemaker_rt.assembly.logging import LogMiddleware
from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.context import Context
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.middleware.call_logger import CallLogger
from sagemaker_rt.middleware.request_response_logger import RequestResponseLogger
from sagemaker_rt.observability.log_mode import LogMode
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
)
from sagemaker_rt.options import Options
from sagemaker_rt.stack import DeserializeInput, InitializeInput, Output
from tests.doubles import BufferedBody, Wire, response

LOGGER = logging.getLogger("tests.logs")
CONTEXT = Context("InvokeEndpoint")


def logs(operation: Any = INVOKE_ENDPOINT, **fields: Any) -> LogMiddleware:
    return LogMiddleware(operation, Options(**{"logger": LOGGER, **fields}))


def test_nothing_is_logged_by_default() -> None:
    off = logs()

    assert isinstance(off.call_logger(), Omitted)
    assert isinstance(off.request_response_logger(), Omitted)
    assert [None] * len(LogMode) == [off.of(mode) for mode in LogMode]


def test_a_mode_is_logged_where_the_options_say() -> None:
    assert LOGGER is logs(log_mode=LogMode.RETRIES).of(LogMode.RETRIES)
    assert logs(log_mode=LogMode.RETRIES).of(LogMode.SIGNING) is None
    usual = logs(log_mode=LogMode.RETRIES, logger=None).of(LogMode.RETRIES)
    assert logging.getLogger("sagemaker_rt") is usual


@pytest.mark.parametrize("level", ["WARNING", "warning", logging.WARNING])
async def test_a_level_may_be_told_by_its_name(
    level: int | str, caplog: pytest.LogCaptureFixture
) -> None:
    call_logger = logs(log_level=level).call_logger()
    assert isinstance(call_logger, CallLogger)

    await call_logger(CONTEXT, InitializeInput(None), Wire[InitializeInput]())

    assert ["WARNING"] == [record.levelname for record in caplog.records]


@pytest.mark.parametrize(
    "mode",
    [
        LogMode.RETRIES,
        LogMode.RESPONSE_EVENT_MESSAGE,
        LogMode.REQUEST_EVENT_MESSAGE,
        LogMode.DEPRECATED_USAGE,
    ],
)
def test_what_is_of_others_needs_no_look_at_the_wire(mode: LogMode) -> None:
    omitted = logs(log_mode=mode).request_response_logger()

    assert isinstance(omitted, Omitted)


async def wire_log(
    caplog: pytest.LogCaptureFixture, operation: Any = INVOKE_ENDPOINT, **fields: Any
) -> tuple[Output, list[str]]:
    """Return what comes up through the logger, and what it says."""
    caplog.set_level(logging.DEBUG)
    middleware = logs(operation, **fields).request_response_logger()
    assert isinstance(middleware, RequestResponseLogger)
    output = Output(response=response(200, {}, b"abc"))
    request = Request(endpoint=Endpoint("https://a.example"))
    wire = Wire[DeserializeInput](output)

    await middleware(CONTEXT, DeserializeInput(request), wire)

    return output, [record.getMessage() for record in caplog.records]


async def test_the_body_of_a_stream_is_not_read_for_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mode = LogMode.RESPONSE_WITH_BODY
    operation = INVOKE_ENDPOINT_WITH_RESPONSE_STREAM

    output, lines = await wire_log(caplog, operation, log_mode=mode)

    assert output.response is not None
    assert isinstance(output.response.body, BufferedBody)
    assert ["InvokeEndpoint attempt 1: HTTP 200 {}"] == lines


async def test_the_size_of_a_body_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    output, _ = await wire_log(caplog, log_mode=LogMode.RESPONSE_WITH_BODY)

    assert output.response is not None
    assert b"abc" == output.response.body.read_nowait()
    assert "InvokeEndpoint attempt 1: body of 3 bytes" == caplog.messages[-1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"region": "fips-us-east-1"},
            ("'fips-us-east-1'", "'us-east-1'", "use_fips_endpoint=True"),
        ),
        (
            {"endpoint_resolver": lambda *_: Endpoint("https://a.example")},
            ("endpoint_resolver;", "endpoint_resolver_v2"),
        ),
    ],
    ids=["region", "resolver"],
)
async def test_a_deprecated_option_is_logged_with_its_successor(
    fields: Any, words: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    _, lines = await wire_log(caplog, log_mode=LogMode.DEPRECATED_USAGE, **fields)

    (line,) = lines
    assert line.startswith("InvokeEndpoint: deprecated: ")
    assert all(word in line for word in words)


def test_other_options_are_not_logged_as_deprecated() -> None:
    silent = logs(log_mode=LogMode.DEPRECATED_USAGE, region="us-east-1")

    assert isinstance(silent.request_response_logger(), Omitted)
