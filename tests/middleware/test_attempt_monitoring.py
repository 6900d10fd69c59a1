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
CLIENT: Final = MonitoredClient("my-app", "SageMaker Runtime", "eu-west-1")
DATAGRAM: Final = {
    "Version": 1,
    "ClientId": "my-app",
    "Type": "ApiCallAttempt",
    "Service": "SageMaker Runtime",
    "Api": "InvokeEndpoint",
    "Timestamp": 1_700_000_000_000,
    "AttemptLatency": 1500,
    "UserAgent": "us/1",
}


async def datagrams(
    result: Output | BaseException, **fields: Any
) -> list[dict[str, Any]]:
    """Return the datagrams of an attempt that takes a second and a half."""
    published, clock = list[bytes](), ManualClock()
    request = Request(headers=Headers({"user-agent": "us/1", **fields}))

    async def send(ctx: Context, input: FinalizeInput) -> Output:
        input.request.endpoint = Endpoint("https://runtime.example")
        clock.advance(1.5)
        if isinstance(result, BaseException):
            raise result
        return result

    monitoring = AttemptMonitoring(CLIENT, published.append, clock, time=clock)
    attempt = asyncio.ensure_future(monitoring(CONTEXT, FinalizeInput(request), send))
    await asyncio.wait([attempt])
    return [json.loads(datagram) for datagram in published]


async def test_an_attempt_is_reported() -> None:
    output = Output(response=response(200, {"X-Amzn-RequestId": "r-1"}))

    assert [
        {
            **DATAGRAM,
            "Fqdn": "runtime.example",
            "HttpStatusCode": 200,
            "XAmznRequestId": "r-1",
        }
    ] == await datagrams(output)


async def test_an_error_response_is_reported() -> None:
    error = ModelError("no", http_status=424)
    error.response = response(424)

    (event,) = await datagrams(error)

    assert (424, "ModelError", "no") == (
        event["HttpStatusCode"],
        event["AwsException"],
        event["AwsExceptionMessage"],
    )


async def test_an_attempt_without_a_response_is_reported() -> None:
    (event,) = await datagrams(ConnectError("refused"))

    assert ("ConnectError", "refused") == (
        event["SdkException"],
        event["SdkExceptionMessage"],
    )
    assert "HttpStatusCode" not in event


@pytest.mark.parametrize(
    "result",
    [
        CredentialsError("none"),
        PoolTimeoutError("busy"),
        KeyError("x"),
        asyncio.CancelledError(),
        Output(),  # a middleware send without sending
    ],
    ids=lambda result: type(result).__name__,
)
async def test_an_attempt_that_never_started_is_not_reported(
    result: Output | BaseException,
) -> None:
    assert [] == await datagrams(result)


async def test_a_report_too_large_for_a_datagram_is_dropped() -> None:
    result = Output(response=response(200, {"x-amz-id-2": "i" * 9000}))

    assert [] == await datagrams(result)


async def test_an_attempt_without_an_endpoint_has_no_host() -> None:
    published, clock = list[bytes](), ManualClock()

    async def fail(ctx: Context, input: FinalizeInput) -> Output:
        raise ConnectError

    monitoring = AttemptMonitoring(CLIENT, published.append, clock, time=clock)
    with pytest.raises(SageMakerRuntimeError):
        await monitoring(CONTEXT, FinalizeInput(Request()), fail)

    assert "Fqdn" not in json.loads(published[0])
