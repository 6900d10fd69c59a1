from __future__ import annotations

import asyncio
import io
import logging
from array import array
from typing import Any

import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    REQUEST_ID,
    AttemptResult,
    Context,
    Key,
    Metadata,
)
from sagemaker_rt.errors import ConnectError, UnknownServiceError
from sagemaker_rt.http import FileBody
from sagemaker_rt.middleware.call_logger import CallLogger
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import InitializeInput, Output
from tests.doubles import ManualClock, Scripted

CONTEXT = Context("InvokeEndpoint")
SECRET = "c0ffee-and-cake"
INPUT = InvokeEndpointInput(
    endpoint_name="m", body=SECRET, custom_attributes=SECRET, target_variant="a"
)


def good() -> Output:
    once = AttemptResult(1, error=None, delay=None)
    facts: dict[Key[Any], Any] = {
        HTTP_STATUS: 200,
        REQUEST_ID: "r-1",
        ATTEMPTS: (once, once),
    }
    return Output(metadata=Metadata(facts))


class Slow(Scripted[InitializeInput]):
    """Takes a quarter of a second of *clock*."""

    def __init__(self, clock: ManualClock, answer: Output | BaseException) -> None:
        super().__init__(answer)
        self.clock = clock

    async def __call__(self, ctx: Context, input: InitializeInput) -> Output:
        self.clock.advance(0.25)
        return await super().__call__(ctx, input)


async def record_of(
    answer: Output | BaseException,
    caplog: pytest.LogCaptureFixture,
    params: object = INPUT,
) -> Any:
    """Return the one record of a call that is answered so."""
    clock = ManualClock()
    caplog.set_level(logging.DEBUG)
    logger = CallLogger(logging.getLogger("tests.calls"), logging.INFO, time=clock)
    wire, input = Slow(clock, answer), InitializeInput(params)
    if isinstance(answer, Output):
        assert answer is await logger(CONTEXT, input, wire)
    else:
        with pytest.raises(type(answer)):
            await logger(CONTEXT, input, wire)
    assert [CONTEXT, input] == [*wire.contexts, *wire.inputs]
    (record,) = caplog.records
    return record


async def test_a_call_is_logged_as_one_line(caplog: pytest.LogCaptureFixture) -> None:
    record = await record_of(good(), caplog)

    said = "InvokeEndpoint: HTTP 200 in 0.250000 s, 1 retries, request id r-1"
    assert ("INFO", "tests.calls", said) == (
        record.levelname,
        record.name,
        record.getMessage(),
    )


async def test_the_facts_are_attributes_of_the_record(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = await record_of(good(), caplog)

    assert ("SageMakerRuntime", "InvokeEndpoint") == (
        record.client_class,
        record.operation,
    )
    assert (200, "r-1", 1) == (record.http_status, record.request_id, record.retries)
    assert (0.25, len(SECRET)) == (record.duration, record.request_size)
    assert (None, None) == (record.error_class, record.error_message)


async def test_sensitive_and_unset_members_are_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = await record_of(good(), caplog)

    assert {
        "endpoint_name": "m",
        "body": "[FILTERED]",
        "custom_attributes": "[FILTERED]",
        "target_variant": "a",
    } == record.request_params
    assert SECRET not in str(vars(record))


async def test_a_service_error_is_logged_with_code_and_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = UnknownServiceError("slow down", code="SlowDown", http_status=503)
    error.attempts, error.request_id = 3, "r-2"

    record = await record_of(error, caplog)

    said = "InvokeEndpoint: SlowDown in 0.250000 s, 2 retries, request id r-2"
    assert said == record.getMessage()
    assert ("SlowDown", "slow down", 503) == (
        record.error_class,
        record.error_message,
        record.http_status,
    )


async def test_an_error_without_a_response_is_logged_with_its_class(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = await record_of(ConnectError("refused"), caplog)

    assert ("ConnectError", "refused", None, 0) == (
        record.error_class,
        record.error_message,
        record.http_status,
        record.retries,
    )


async def test_the_text_of_a_foreign_error_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = await record_of(OSError(SECRET), caplog)

    assert ("OSError", None) == (record.error_class, record.error_message)
    assert SECRET not in str(vars(record))


async def test_a_cancelled_call_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = Scripted[InitializeInput](asyncio.CancelledError())
    logger = CallLogger(logging.getLogger("tests.calls"), logging.CRITICAL)

    with pytest.raises(asyncio.CancelledError):
        await logger(CONTEXT, InitializeInput(INPUT), wire)

    assert [] == caplog.records


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ("é", 2),
        (b"abc", 3),
        (bytearray(4), 4),
        (memoryview(bytes(16)).cast("Q"), 16),
        (array("f", [1, 2]), 8),
        (["a list"], None),
        (FileBody(io.BytesIO(b"12345")), 5),
        (io.BytesIO(b"12345"), None),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_the_request_size_is_logged_if_it_is_known(
    body: Any, size: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    params = InvokeEndpointInput(endpoint_name="m", body=body)

    assert size == (await record_of(good(), caplog, params)).request_size


async def test_an_input_that_is_not_a_shape_has_no_members(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = await record_of(good(), caplog, {"body": SECRET})

    assert ({}, None) == (record.request_params, record.request_size)


async def test_control_characters_do_not_break_the_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = UnknownServiceError("no", code="a\nb", request_id="c\nd")

    record = await record_of(error, caplog)

    assert "InvokeEndpoint: a b in 0.250000 s, 0 retries, request id c d" == (
        record.getMessage()
    )


async def test_attributes_of_the_record_factory_are_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    factory = logging.getLogRecordFactory()

    def tagged(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = factory(*args, **kwargs)
        record.request_id = "the application's"
        return record

    logging.setLogRecordFactory(tagged)
    try:
        record = await record_of(good(), caplog)
    finally:
        logging.setLogRecordFactory(factory)

    assert ("the application's", 200) == (record.request_id, record.http_status)
