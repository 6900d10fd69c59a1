from __future__ import annotations

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ConnectError,
    DeserializationError,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceUnavailable,
)
from sagemaker_rt.http import Request
from sagemaker_rt.middleware.response_error_wrapper import ResponseErrorWrapper
from sagemaker_rt.stack import DeserializeInput, Output
from tests.doubles import Scripted, response

CONTEXT = Context("InvokeEndpoint")


async def run(answer: Output | SageMakerRuntimeError) -> Output:
    wire = Scripted[DeserializeInput](answer)
    return await ResponseErrorWrapper()(CONTEXT, DeserializeInput(Request()), wire)


def notes_of(error: SageMakerRuntimeError) -> list[str]:
    return getattr(error, "__notes__", [])


async def test_a_successful_output_is_unchanged() -> None:
    answer = Output(response=response())

    assert await run(answer) is answer


@pytest.mark.parametrize("kind", [DeserializationError, RequestTimeoutError])
@pytest.mark.parametrize(
    ("request_id", "note"),
    [
        ("r-1", "response: HTTP 200, request id r-1"),
        (None, "response: HTTP 200, request id unknown"),
    ],
)
async def test_an_error_while_reading_gets_status_and_request_id(
    kind: type[SageMakerRuntimeError], request_id: str | None, note: str
) -> None:
    error = kind("broken")
    error.response, error.request_id = response(200), request_id

    with pytest.raises(kind) as caught:
        await run(error)

    assert error is caught.value
    assert 200 == error.http_status
    assert [note] == notes_of(error)


async def test_a_service_error_gets_no_note() -> None:
    error = ServiceUnavailable("later", http_status=503)
    error.response = response(503)

    with pytest.raises(ServiceUnavailable):
        await run(error)

    assert 503 == error.http_status
    assert [] == notes_of(error)


async def test_an_error_without_a_response_is_unchanged() -> None:
    error = ConnectError("refused")

    with pytest.raises(ConnectError):
        await run(error)

    assert error.http_status is None
    assert [] == notes_of(error)
