"""Errors of the service, the network and the model, over sockets."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt import (
    Client,
    ConnectError,
    ConnectionLostError,
    Credentials,
    InternalStreamFailure,
    LogMode,
    ModelError,
    PayloadPart,
    RequestTimeoutError,
    SageMakerRuntimeError,
    ServiceError,
    ThrottlingException,
    TruncatedBodyError,
    UnknownServiceError,
    with_options,
)
from sagemaker_rt.emulator import (
    HANG_UP,
    RESET,
    CutStream,
    Disconnect,
    Emulator,
    FailStream,
    html_error,
    internal_dependency,
    null_message,
    redirect,
    service_unavailable,
    slow,
    throttle,
)
from sagemaker_rt.emulator.faults import Fault

SECRETS = Credentials("AKIDEXAMPLE", "the-secret-key", "the-session-token")
PRIVATE = "the-custom-attributes"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {"sleepy": slow(60)}
    async with Emulator(models=models, credentials=SECRETS) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=SECRETS,
        environ={},
    ) as client:
        yield client


async def collect(client: Client, parts: list[object]) -> None:
    """Append the events of a stream to *parts*."""
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="tokens", body=b"a b c"
    ) as stream:
        async for event in stream:
            parts.append(event)  # noqa: PERF401 - events before an error are kept


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - each is only a number


@pytest.mark.parametrize("fault", [RESET, HANG_UP])
async def test_a_call_that_may_have_run_the_model_is_not_retried(
    emulator: Emulator, client: Client, fault: Disconnect
) -> None:
    emulator.fail_next(fault)

    with pytest.raises(ConnectionLostError) as caught:
        await client.invoke_endpoint(endpoint_name="echo", body=b"x")

    error = caught.value
    assert 1 == len(emulator.requests)
    assert (True, True, 1, "InvokeEndpoint") == (
        error.request_sent,
        error.may_have_executed,
        error.attempts,
        error.operation,
    )


async def test_a_call_that_was_not_sent_is_retried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    async with Client(
        region="r",
        endpoint_url=f"http://127.0.0.1:{port}",
        credentials=SECRETS,
        environ={},
    ) as client:
        with pytest.raises(ConnectError) as caught:
            await client.invoke_endpoint(endpoint_name="echo", body=b"x")

    error = caught.value
    assert (False, False, 3) == (
        error.request_sent,
        error.may_have_executed,
        error.attempts,
    )


async def test_a_call_is_retried_if_the_service_is_unavailable(
    emulator: Emulator, client: Client
) -> None:
    emulator.fail_next(service_unavailable())

    output = await client.invoke_endpoint(endpoint_name="echo", body=b"x")

    first, second = output.metadata.attempts
    assert isinstance(first.error, ServiceError)
    assert ("ServiceUnavailable", None) == (first.error.code, second.error)
    assert [1, 2] == [request.attempt for request in emulator.requests]


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (throttle(), "ThrottlingException", 429),
        (internal_dependency(), "InternalDependencyException", 530),
        (null_message(), "Unknown", 400),
        (html_error(502), "Unknown", 502),
        (redirect("http://127.0.0.1:1/elsewhere"), "Unknown", 307),
    ],
)
async def test_every_error_response_is_a_service_error_with_its_facts(
    emulator: Emulator, client: Client, fault: Fault, code: str, status: int
) -> None:
    emulator.fail_next(fault)

    with pytest.raises(ServiceError) as caught:
        await client.invoke_endpoint(
            with_options(max_attempts=1), endpoint_name="echo", body=b"x"
        )

    error = caught.value
    assert (code, status, 1) == (error.code, error.http_status, error.attempts)
    assert error.request_id is not None
    assert isinstance(error, (UnknownServiceError, ThrottlingException)) == (
        status != 530
    )


async def test_a_model_error_has_the_status_of_the_container(client: Client) -> None:
    with pytest.raises(ModelError) as caught:
        await client.invoke_endpoint(endpoint_name="failing", body=b"x")

    assert (424, 500) == (caught.value.http_status, caught.value.original_status_code)


@pytest.mark.parametrize(
    "limit", [with_options(read_timeout=0.1), with_options(total_timeout=0.1)]
)
async def test_a_model_that_does_not_respond_is_a_timeout(
    emulator: Emulator, client: Client, limit: object
) -> None:
    with pytest.raises(RequestTimeoutError) as caught:
        await client.invoke_endpoint(limit, endpoint_name="sleepy", body=b"x")  # type: ignore[call-overload] # an option

    assert caught.value.may_have_executed
    assert 1 == len(emulator.requests)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(CutStream(), TruncatedBodyError), (FailStream(), InternalStreamFailure)],
)
async def test_events_before_a_failure_of_the_stream_are_yielded(
    emulator: Emulator,
    client: Client,
    fault: Fault,
    kind: type[SageMakerRuntimeError],
) -> None:
    emulator.fail_next(fault)
    parts: list[object] = []

    with pytest.raises(kind) as caught:
        await collect(client, parts)

    assert [PayloadPart(b"a ")] == parts[:1]
    assert "InvokeEndpointWithResponseStream" == caught.value.operation
    assert 1 == len(emulator.requests)


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are listed in /proc")
async def test_cancelled_calls_and_closed_streams_leave_nothing_behind(
    client: Client,
) -> None:
    await client.invoke_endpoint(endpoint_name="echo", body=b"x")
    tasks, files = len(asyncio.all_tasks()), open_files()

    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.invoke_endpoint(endpoint_name="sleepy", body=b"x")
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="tokens", body=b"a b c"
        ) as stream:
            await anext(stream)
    again = await client.invoke_endpoint(endpoint_name="echo", body=b"again")
    await asyncio.sleep(0.05)  # the emulator notices the closed connections

    assert b"again" == again.body
    assert len(asyncio.all_tasks()) <= tasks + 1
    assert open_files() <= files + 2


async def test_many_calls_share_few_connections(emulator: Emulator) -> None:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=SECRETS,
        max_connections=8,
        environ={},
    ) as client:
        outputs = await asyncio.gather(
            *(
                client.invoke_endpoint(endpoint_name="echo", body=str(n))
                for n in range(400)
            )
        )

    assert [str(n).encode() for n in range(400)] == [o.body for o in outputs]


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (
            with_options(
                credentials=Credentials("AKIDEXAMPLE", "x", "the-session-token")
            ),
            None,
        ),
        (
            with_options(credentials=Credentials("AKIDOTHER", "x")),
            "UnrecognizedClientException",
        ),
        (with_options(region="eu-west-1"), None),
    ],
)
async def test_a_wrong_signature_is_a_service_error(
    client: Client, option: object, code: str | None
) -> None:
    with pytest.raises(ServiceError) as caught:
        await client.invoke_endpoint(option, endpoint_name="echo", body=b"x")  # type: ignore[call-overload] # an option

    expected = code or "InvalidSignatureException"
    assert (403, expected) == (caught.value.http_status, caught.value.code)


async def test_no_secret_is_in_a_log_or_an_error(
    emulator: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logged = with_options(log_mode=LogMode.REQUEST | LogMode.RESPONSE)
    emulator.fail_next(service_unavailable(), HANG_UP)
    shown = [repr(client.options), str(client.options)]

    for name in ("echo", "failing", "echo"):
        try:
            output = await client.invoke_endpoint(
                logged, endpoint_name=name, body=b"the-body", custom_attributes=PRIVATE
            )
            shown.append(repr(output))
        except SageMakerRuntimeError as error:
            shown += [repr(error), str(error), *getattr(error, "__notes__", [])]

    text = "\n".join([*shown, caplog.text])
    assert "x-amz-date" in text
    secrets = ["the-secret-key", "the-session-token", "Signature=", "the-body", PRIVATE]
    assert [] == [secret for secret in secrets if secret in text]
