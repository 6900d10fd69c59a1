from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import count

import pytest

from sagemaker_rt.emulator.async_jobs import AsyncJobQueue
from sagemaker_rt.emulator.endpoints import DeployedEndpoints
from sagemaker_rt.emulator.event_stream import payload_part
from sagemaker_rt.emulator.invocations import MAX_ASYNC_BODY, InvocationHandler
from sagemaker_rt.emulator.models import (
    InvocationRequest,
    Model,
    ModelFailure,
    ModelResponse,
    echo,
    failing,
)
from sagemaker_rt.emulator.object_store import ObjectStore
from sagemaker_rt.emulator.received_request import ReceivedRequest
from sagemaker_rt.emulator.responses import RequestRejected, StreamedAnswer
from sagemaker_rt.emulator.sessions import Sessions
from tests.doubles import ManualClock
from tests.emulator.signed_requests import received

PREFIX = "x-amzn-sagemaker-"
SESSION = f"{PREFIX}session-id"


def handler(**models: Model) -> InvocationHandler:
    clock = ManualClock()
    ids = count(1)
    return InvocationHandler(
        endpoints=DeployedEndpoints(lambda: "1", {"echo": echo, **models}),
        sessions=Sessions(clock=clock, new_id=lambda: f"s{next(ids)}", lifetime=60),
        jobs=AsyncJobQueue(
            objects=ObjectStore(clock),
            clock=clock,
            new_id=lambda: "i1",
            output_path="s3://b/out",
            max_running=1,
        ),
        clock=clock,
        part_bytes=4,
        log_stream_arn=lambda name: f"arn:{name}",
    )


def to(endpoint_name: str, body: bytes = b"", **headers: str) -> ReceivedRequest:
    prefixed = {
        PREFIX + name.replace("_", "-"): value for name, value in headers.items()
    }
    return received(body=body, headers=prefixed, endpoint_name=endpoint_name)


def error_document(
    rejected: pytest.ExceptionInfo[RequestRejected],
) -> dict[str, object]:
    document: dict[str, object] = json.loads(rejected.value.answer.body)
    return document


async def frames_of(answer: StreamedAnswer) -> list[bytes]:
    async with aclosing(answer.frames) as frames:
        return [frame async for frame in frames]


async def test_a_model_receives_every_member() -> None:
    seen: list[InvocationRequest] = []

    async def model(request: InvocationRequest) -> bytes:
        seen.append(request)
        return b""

    request = received(
        body=b"data",
        endpoint_name="m",
        headers={
            "content-type": "text/csv",
            "accept": "text/plain",
            f"{PREFIX}custom-attributes": "c",
            f"{PREFIX}target-model": "t.tar.gz",
            f"{PREFIX}target-variant": "AllTraffic",
            f"{PREFIX}target-container-hostname": "h",
            f"{PREFIX}inference-id": "i",
            f"{PREFIX}enable-explanations": "`true`",
            f"{PREFIX}prefix-aware-id": "p",
        },
    )

    await handler(m=model).invoke_endpoint(request)

    expected = InvocationRequest(
        operation="InvokeEndpoint",
        endpoint_name="m",
        body=b"data",
        content_type="text/csv",
        accept="text/plain",
        custom_attributes="c",
        target_model="t.tar.gz",
        target_variant="AllTraffic",
        target_container_hostname="h",
        inference_id="i",
        enable_explanations="`true`",
        prefix_aware_id="p",
        production_variant="AllTraffic",
    )
    assert [expected] == seen


async def test_a_response_has_variant_content_type_and_attributes() -> None:
    async def model(_: InvocationRequest) -> ModelResponse:
        return ModelResponse(b"a,b", content_type="text/csv", custom_attributes="seen")

    answer = await handler(m=model).invoke_endpoint(to("m"))

    expected = {
        "Content-Type": "text/csv",
        "x-Amzn-Invoked-Production-Variant": "AllTraffic",
        "X-Amzn-SageMaker-Custom-Attributes": "seen",
    }
    assert (200, b"a,b") == (answer.status, answer.body)
    assert expected == answer.headers


async def test_accept_is_the_default_content_type() -> None:
    request = received(headers={"accept": "text/csv"})

    answer = await handler().invoke_endpoint(request)

    assert "text/csv" == answer.headers["Content-Type"]


async def test_a_failed_model_is_a_model_error() -> None:
    with pytest.raises(RequestRejected) as rejected:
        await handler(m=failing(418, "teapot")).invoke_endpoint(to("m"))

    assert 424 == rejected.value.answer.status
    expected = {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL",
        "Message": 'Received client error (418) from primary with message "teapot".',
        "OriginalStatusCode": 418,
        "OriginalMessage": "teapot",
        "LogStreamArn": "arn:m",
    }
    assert expected == error_document(rejected)


async def test_an_iterator_that_fails_is_a_model_error() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one"
        raise ModelFailure(500, "why")

    with pytest.raises(RequestRejected, match="424"):
        await handler(m=model).invoke_endpoint(to("m"))


async def test_a_session_is_opened_joined_and_closed() -> None:
    async def model(request: InvocationRequest) -> bytes:
        session = request.session
        assert session is not None
        session.data["turns"] = turns = int(str(session.data.get("turns", 0))) + 1
        if request.body == b"bye":
            session.close()
        return str(turns).encode()

    service = handler(m=model)

    opened = await service.invoke_endpoint(to("m", session_id="NEW_SESSION"))
    joined = await service.invoke_endpoint(to("m", session_id="s1"))
    closed = await service.invoke_endpoint(to("m", b"bye", session_id="s1"))

    announced = opened.headers["X-Amzn-SageMaker-New-Session-Id"]
    assert [b"1", b"2", b"3"] == [answer.body for answer in (opened, joined, closed)]
    assert announced.startswith("s1; Expires=")
    assert "X-Amzn-SageMaker-New-Session-Id" not in joined.headers
    assert "X-Amzn-SageMaker-Closed-Session-Id" not in joined.headers
    assert "s1" == closed.headers["X-Amzn-SageMaker-Closed-Session-Id"]
    with pytest.raises(RequestRejected, match="400"):
        await service.invoke_endpoint(to("m", session_id="s1"))


async def test_a_failed_request_does_not_open_a_session() -> None:
    service = handler(m=failing())

    with pytest.raises(RequestRejected, match="424"):
        await service.invoke_endpoint(to("m", session_id="NEW_SESSION"))

    assert 0 == len(service.sessions)


async def test_a_failure_does_not_close_a_session() -> None:
    service = handler(m=failing())
    session = service.sessions.open("m")

    with pytest.raises(RequestRejected, match="424"):
        await service.invoke_endpoint(to("m", session_id=session.id))

    assert 1 == len(service.sessions)


async def test_bytes_are_streamed_in_parts() -> None:
    answer = await handler().invoke_endpoint_with_response_stream(
        to("echo", b"abcdef", accept="text/csv")
    )

    frames = await frames_of(answer)

    expected = {
        "Content-Type": "application/vnd.amazon.eventstream",
        "X-Amzn-SageMaker-Content-Type": "text/csv",
        "x-Amzn-Invoked-Production-Variant": "AllTraffic",
    }
    assert expected == answer.headers
    assert [payload_part(b"abcd"), payload_part(b"ef")] == frames


async def test_parts_of_the_model_are_events() -> None:
    async def model(_: InvocationRequest) -> AsyncIterator[bytes]:
        yield b"one part"
        yield b""

    answer = await handler(m=model).invoke_endpoint_with_response_stream(to("m"))

    assert [payload_part(b"one part"), payload_part(b"")] == await frames_of(answer)


async def test_a_failure_before_the_first_part_is_a_model_error() -> None:
    service = handler(m=failing())

    with pytest.raises(RequestRejected, match="424"):
        await service.invoke_endpoint_with_response_stream(to("m"))


async def test_a_stream_cannot_open_a_session() -> None:
    with pytest.raises(RequestRejected) as rejected:
        await handler().invoke_endpoint_with_response_stream(
            to("echo", session_id="NEW_SESSION")
        )

    assert "session" in str(error_document(rejected))


async def test_a_stream_can_join_a_session() -> None:
    seen: list[object] = []

    async def model(request: InvocationRequest) -> bytes:
        seen.append(request.session)
        return b""

    service = handler(m=model)
    session = service.sessions.open("m")

    answer = await service.invoke_endpoint_with_response_stream(
        to("m", session_id=session.id)
    )

    assert [] == await frames_of(answer)
    assert [session] == seen


async def test_a_queued_request_returns_its_locations() -> None:
    service = handler()

    answer = await service.invoke_endpoint_async(
        to("echo", b"data", filename="f.out", s3outputpathextension="e")
    )
    await service.jobs.finish()

    assert 202 == answer.status
    assert {"InferenceId": "i1"} == json.loads(answer.body)
    location = answer.headers["X-Amzn-SageMaker-OutputLocation"]
    assert "s3://b/out/e/f.out" == location
    failure = answer.headers["X-Amzn-SageMaker-FailureLocation"]
    assert "s3://b/out/failures/e/f-error.out" == failure
    assert b"data" == service.jobs.objects[location]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"data", {"inputlocation": "s3://b/in"}),
        (b"x" * (MAX_ASYNC_BODY + 1), {}),
        (b"data", {"requestttlseconds": "soon"}),
        (b"data", {"invocationtimeoutseconds": "-1"}),
    ],
)
async def test_a_request_that_cannot_be_queued_is_refused(
    body: bytes, headers: dict[str, str]
) -> None:
    service = handler()

    with pytest.raises(RequestRejected, match="400"):
        await service.invoke_endpoint_async(to("echo", body, **headers))

    assert 0 == len(service.jobs)


async def test_time_limits_have_the_defaults_of_the_service() -> None:
    service = handler()

    default = await service.invoke_endpoint_async(to("echo", b"data"))
    explicit = await service.invoke_endpoint_async(
        to("echo", b"data", requestttlseconds="60", invocationtimeoutseconds="5")
    )
    await service.jobs.finish()

    assert [202, 202] == [default.status, explicit.status]


async def test_an_unknown_endpoint_is_rejected() -> None:
    with pytest.raises(RequestRejected, match="400"):
        await handler().invoke_endpoint(to("nowhere"))
