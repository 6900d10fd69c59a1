from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    ConnectError,
    CredentialsError,
    ModelError,
    PoolTimeoutError,
    SageMakerRuntimeError,
)
from sagemaker_rt.http import Endpoint, Headers, Request
from sagemaker_rt.middleware.attempt_monitoring import AttemptMonitoring
from sagemaker_rt.sansio.client_side_monitoring import MonitoredClient
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import ManualClock, response

CONTEXT: Final = Context("InvokeEndpoint")
OF: Final = MonitoredClient("my-app", "SageMaker Runtime", "eu-west-1")
TOLD: Final = {
    "Version": 1,
    "ClientId": "my-app",
    "Type": "ApiCallAttempt",
    "Service": "SageMaker Runtime",
    "Api": "InvokeEndpoint",
    "Timestamp": 1_700_000_000_000,
    "AttemptLatency": 1500,
    "UserAgent": "us/1",
}


async def told(answer: Output | BaseException, **fields: Any) -> list[dict[str, Any]]:
    """Return what is told of an attempt that takes a second and a half."""
    published, clock = list[bytes](), ManualClock()
    request = Request(headers=Headers({"user-agent": "us/1", **fields}))

    async def answered(ctx: Context, input: FinalizeInput) -> Output:
        input.request.endpoint = Endpoint("https://runtime.example")
        clock.advance(1.5)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monitoring = AttemptMonitoring(OF, published.append, clock, time=clock)
    attempt = asyncio.ensure_future(
        monitoring(CONTEXT, FinalizeInput(request), answered)
    )
    await asyncio.wait([attempt])
    return [json.loads(datagram) for datagram in published]


async def test_an_attempt_is_reported() -> None:
    output = Output(response=response(200, {"X-Amzn-RequestId": "r-1"}))

    assert [
        {
            **TOLD,
            "Fqdn": "runtime.example",
            "HttpStatusCode": 200,
            "XAmznRequestId": "r-1",
        }
    ] == await told(output)


async def test_an_error_response_is_reported() -> None:
    error = ModelError("no", http_status=424)
    error.response = response(424)

    (event,) = await told(error)

    assert (424, "ModelError", "no") == (
        event["HttpStatusCode"],
        event["AwsException"],
        event["AwsExceptionMessage"],
    )


async def test_an_attempt_without_a_response_is_reported() -> None:
    (event,) = await told(ConnectError("refused"))

    assert ("ConnectError", "refused") == (
        event["SdkException"],
        event["SdkExceptionMessage"],
    )
    assert "HttpStatusCode" not in event


@pytest.mark.parametrize(
    "answer",
    [
        CredentialsError("none"),
        PoolTimeoutError("busy"),
        KeyError("x"),
        asyncio.CancelledError(),
        Output(),  # of a middleware that answers by itself
    ],
    ids=lambda answer: type(answer).__name__,
)
async def test_an_attempt_that_never_started_is_not_reported(
    answer: Output | BaseException,
) -> None:
    assert [] == await told(answer)


async def test_a_report_too_large_for_a_datagram_is_dropped() -> None:
    answer = Output(response=response(200, {"x-amz-id-2": "i" * 9000}))

    assert [] == await told(answer)


async def test_an_attempt_without_an_endpoint_has_no_host() -> None:
    published, clock = list[bytes](), ManualClock()

    async def fail(ctx: Context, input: FinalizeInput) -> Output:
        raise ConnectError

    monitoring = AttemptMonitoring(OF, published.append, clock, time=clock)
    with pytest.raises(SageMakerRuntimeError):
        await monitoring(CONTEXT, FinalizeInput(Request()), fail)

    assert "Fqdn" not in json.loads(published[0])
