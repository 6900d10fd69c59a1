"""Tests with stubs and fixtures, as users write them."""

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


def stub_answer(request: StubRequest) -> FixedAnswer:
    """A function that returns a stub."""
    if not request.request.body:
        return ModelError("there is nothing")
    return {"body": request.operation.encode()}


async def async_answer(request: StubRequest) -> InvokeEndpointOutput:
    """An async function that returns an output."""
    return InvokeEndpointOutput(body=request.request.path.encode())


def http_answer(request: StubRequest) -> HTTPStub:
    """A function that returns an HTTP response."""
    return HTTPStub(503, {"x-amzn-RequestId": request.operation}, "busy")


EVENTS: list[StreamEvent] = [
    b"part",
    PayloadPart(b"part"),
    UnknownEvent("New", {":event-type": "New"}, b""),
    ModelStreamError("it failed"),
    ConnectionResetError,
]
ANSWER: StubAnswer = stub_answer
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
            stub_answer,
            async_answer,
            http_answer,
        ],
        "invoke_endpoint_async": {"output_location": "s3://bucket/out"},
        "InvokeEndpointWithResponseStream": [b"one ", b"two", ModelStreamError],
    }
)


def client_with_stubs(stubs: Stubs) -> Client:
    """Create a client that uses stubs."""
    stubs.add("InvokeEndpoint", ANSWER, async_answer, "ModelError", TimeoutError())
    stubs.add("InvokeEndpoint", lambda request: {"body": request.request.path})
    stubs.add("InvokeEndpointWithResponseStream", EVENTS, {"body": [b"part"]})
    return Client(with_stubs(stubs), with_options(retry_mode="standard"))


async def read_requests(stubs: Stubs, request: Request) -> str:
    """Read the recorded requests."""
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


def create_outputs() -> None:
    """Create outputs."""
    assert_type(stub_data("invoke_endpoint"), InvokeEndpointOutput)
    assert_type(stub_data("InvokeEndpointAsync"), InvokeEndpointAsyncOutput)
    assert_type(
        stub_data("InvokeEndpointWithResponseStream", content_type="text/plain"),
        InvokeEndpointWithResponseStreamOutput,
    )


async def create_streams() -> list[bytes]:
    """Test code that reads a stream."""
    stream = fake_event_stream([b"one ", PayloadPart(b"two")], chunk_size=3)
    assert_type(stream, ResponseStream)
    broken = fake_event_stream(EVENTS, error=ModelStreamError("it failed"))
    return [part async for part in stream.iter_bytes()] + [str(broken.error).encode()]


@pytest.fixture
async def caller(sagemaker_emulator: Emulator) -> AsyncIterator[Client]:
    """A fixture that uses a fixture of the library."""
    sagemaker_emulator.deploy("m")
    async with Client(endpoint_url=sagemaker_emulator.url) as client:
        yield client


def test_stubs(sagemaker_stubs: Stubs) -> None:
    """Use the fixture in a plain test."""
    sagemaker_stubs.add("InvokeEndpoint", {"body": b"[0.9]"})
    assert not sagemaker_stubs.requests


async def test_emulator(
    caller: Client, sagemaker_client: Client, sagemaker_emulator: Emulator
) -> None:
    """Use the async fixtures."""
    for client in (caller, sagemaker_client):
        output = await client.invoke_endpoint(endpoint_name="echo", body=b"hi")
        assert output.body == b"hi"
    assert len(sagemaker_emulator.requests) == 2


def test_urls() -> None:
    """Use the URLs of the emulator in tests of other clients."""
    with aioresponses() as mocked:
        mocked.post("https://example.com", body=b"[0.9]")
