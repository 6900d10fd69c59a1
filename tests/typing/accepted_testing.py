"""Tests that users write, with stubs and with fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import assert_type

import pytest

from sagemaker_rt import (
    Client,
    ConnectError,
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    InvokeEndpointWithResponseStreamOutput,
    ModelError,
    ModelStreamError,
    PayloadPart,
    Request,
    Response,
    ResponseStream,
    UnknownEvent,
    with_options,
)
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.testing import (
    FixedAnswer,
    HTTPStub,
    StreamEvent,
    StubAnswer,
    StubRequest,
    Stubs,
    fake_event_stream,
    stub_data,
    with_stubs,
)
from sagemaker_rt.testing.aioresponses import aioresponses


def answer(request: StubRequest) -> FixedAnswer:
    """An answer that is asked for."""
    if not request.request.body:
        return ModelError("there is nothing")
    return {"body": request.operation.encode()}


async def late_answer(request: StubRequest) -> InvokeEndpointOutput:
    """Another, which waits."""
    return InvokeEndpointOutput(body=request.request.path.encode())


def failing_answer(request: StubRequest) -> HTTPStub:
    """Another, as it comes over the wire."""
    return HTTPStub(503, {"x-amzn-RequestId": request.operation}, "busy")


EVENTS: list[StreamEvent] = [
    b"part",
    PayloadPart(b"part"),
    UnknownEvent("New", {":event-type": "New"}, b""),
    ModelStreamError("it failed"),
    ConnectionResetError,
]
ANSWER: StubAnswer = answer
STUBS = Stubs(
    {
        "InvokeEndpoint": [
            {"body": b"[0.9]", "content_type": "application/json"},
            InvokeEndpointOutput(body=b"[0.9]"),
            stub_data("InvokeEndpoint", body="[0.9]"),
            "ThrottlingException",
            ModelError,
            ModelError("it failed"),
            ConnectError("no route"),
            HTTPStub(502, body=[b"<html>", ConnectionResetError()]),
            answer,
            late_answer,
            failing_answer,
        ],
        "invoke_endpoint_async": {"output_location": "s3://bucket/out"},
        "InvokeEndpointWithResponseStream": [b"one ", b"two", ModelStreamError],
    }
)


def stubbed(stubs: Stubs) -> Client:
    """Put stubs in place."""
    stubs.add("InvokeEndpoint", ANSWER, late_answer, "ModelError", TimeoutError())
    stubs.add("InvokeEndpoint", lambda request: {"body": request.request.path})
    stubs.add("InvokeEndpointWithResponseStream", EVENTS, {"body": [b"part"]})
    return Client(with_stubs(stubs), with_options(retry_mode="standard"))


async def sent(stubs: Stubs, request: Request) -> str:
    """Look at what was sent."""
    first = stubs.requests[0]
    assert_type(first, StubRequest)
    assert_type(
        first.params,
        InvokeEndpointInput
        | InvokeEndpointAsyncInput
        | InvokeEndpointWithResponseStreamInput,
    )
    assert_type(await stubs.send(request), Response)
    stubs.clear()
    return first.request.headers["authorization"]


def made() -> None:
    """Make outputs."""
    assert_type(stub_data("invoke_endpoint"), InvokeEndpointOutput)
    assert_type(stub_data("InvokeEndpointAsync"), InvokeEndpointAsyncOutput)
    assert_type(
        stub_data("InvokeEndpointWithResponseStream", content_type="text/plain"),
        InvokeEndpointWithResponseStreamOutput,
    )


async def streamed() -> list[bytes]:
    """Test code that reads a stream."""
    stream = fake_event_stream([b"one ", PayloadPart(b"two")], chunk_size=3)
    assert_type(stream, ResponseStream)
    broken = fake_event_stream(EVENTS, error=ModelStreamError("it failed"))
    return [part async for part in stream.parts()] + [str(broken.error).encode()]


@pytest.fixture
async def caller(sagemaker_emulator: Emulator) -> AsyncIterator[Client]:
    """A fixture on top of the library's own."""
    sagemaker_emulator.deploy("m")
    async with Client(endpoint_url=sagemaker_emulator.url) as client:
        yield client


def test_stubs(sagemaker_stubs: Stubs) -> None:
    """Use the fixture for any test."""
    sagemaker_stubs.add("InvokeEndpoint", {"body": b"[0.9]"})
    assert not sagemaker_stubs.requests


async def test_emulator(
    caller: Client, sagemaker_client: Client, sagemaker_emulator: Emulator
) -> None:
    """Use the fixtures that wait."""
    for client in (caller, sagemaker_client):
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"hi")
        assert output.body == b"hi"
    assert len(sagemaker_emulator.requests) == 2


def test_urls() -> None:
    """Use the URLs of tests that exist."""
    with aioresponses() as mocked:
        mocked.post("https://example.com", body=b"[0.9]")
