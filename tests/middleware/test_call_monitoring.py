from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import pytest

from sagemaker_rt.context import (
    ATTEMPTS,
    HTTP_STATUS,
    AttemptResult,
    Context,
    Metadata,
)
from sagemaker_rt.errors import CredentialsError, ModelError, SageMakerRuntimeError
from sagemaker_rt.http import Headers, Request
from sagemaker_rt.middleware.call_monitoring import CallMonitoring
from sagemaker_rt.sansio.client_side_monitoring import MonitoredClient
from sagemaker_rt.stack import FinalizeInput, Output
from tests.doubles import ManualClock

CONTEXT: Final = Context("InvokeEndpoint")
DATAGRAM: Final = {
    "Version": 1,
    "ClientId": "my-app",
    "Type": "ApiCall",
    "Service": "SageMaker Runtime",
    "Api": "InvokeEndpoint",
    "Timestamp": 1_700_000_000_000,
    "Latency": 1500,
}


def known(attempts: int, status: int) -> Metadata:
    records = tuple(AttemptResult(i + 1, None, None) for i in range(attempts))
    return Metadata({ATTEMPTS: records, HTTP_STATUS: status})


def failed(error: SageMakerRuntimeError, metadata: Metadata) -> SageMakerRuntimeError:
    error.metadata = metadata
    return error


async def datagrams(
    result: Output | BaseException, client_id: str = "my-app"
) -> list[dict[str, Any]]:
    """Return the datagrams of a call that takes a second and a half."""
    published, clock = list[bytes](), ManualClock()
    of = MonitoredClient(client_id, "SageMaker Runtime", "eu-west-1")
    request = Request(headers=Headers({"user-agent": "us/1"}))

    async def send(ctx: Context, input: FinalizeInput) -> Output:
        clock.advance(1.5)
        if isinstance(result, BaseException):
            raise result
        return result

    monitoring = CallMonitoring(of, published.append, clock, max_attempts=3, time=clock)
    call = asyncio.ensure_future(monitoring(CONTEXT, FinalizeInput(request), send))
    await asyncio.wait([call])
    return [json.loads(datagram) for datagram in published]


async def test_a_call_is_reported() -> None:
    assert [
        {
            **DATAGRAM,
            "AttemptCount": 2,
            "MaxRetriesExceeded": 0,
            "UserAgent": "us/1",
            "Region": "eu-west-1",
            "FinalHttpStatusCode": 200,
        }
    ] == await datagrams(Output(metadata=known(2, 200)))


@pytest.mark.parametrize(("attempts", "is_exhausted"), [(2, 0), (3, 1), (4, 1)])
async def test_a_failed_call_reports_whether_attempts_were_exhausted(
    attempts: int, is_exhausted: int
) -> None:
    error = failed(ModelError("no"), known(attempts, 424))

    (event,) = await datagrams(error)

    assert (attempts, is_exhausted, 424, "ModelError") == (
        event["AttemptCount"],
        event["MaxRetriesExceeded"],
        event["FinalHttpStatusCode"],
        event["FinalAwsException"],
    )


async def test_a_call_that_failed_before_its_first_attempt_is_reported() -> None:
    assert [
        {
            **DATAGRAM,
            "AttemptCount": 0,
            "MaxRetriesExceeded": 0,
            "FinalSdkException": "CredentialsError",
            "FinalSdkExceptionMessage": "none",
        }
    ] == await datagrams(CredentialsError("none"))


async def test_a_cancelled_call_is_not_reported() -> None:
    assert [] == await datagrams(asyncio.CancelledError())


async def test_a_report_too_large_for_a_datagram_is_dropped() -> None:
    assert [] == await datagrams(Output(), client_id="i" * 9000)
