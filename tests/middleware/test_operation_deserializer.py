from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import (
    ConnectionLostError,
    DeserializationError,
    ModelError,
    RequestTimeoutError,
    ResponseTooLargeError,
    SageMakerRuntimeError,
    ServiceUnavailable,
    TruncatedBodyError,
    UnknownServiceError,
)
from sagemaker_rt.http import Headers, Request, Response
from sagemaker_rt.middleware.add_raw_response_to_metadata import (
    AddRawResponseToMetadata,
)
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.middleware.request_id_retriever import RequestIDRetriever
from sagemaker_rt.middleware.response_error_wrapper import ResponseErrorWrapper
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT,
    INVOKE_ENDPOINT_ASYNC,
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    OPERATIONS,
    Operation,
)
from sagemaker_rt.shapes import (
    InvokeEndpointAsyncOutput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamOutput,
)
from sagemaker_rt.stack import DeserializeInput, Output, Stack
from tests.doubles import Wire

LIMIT = 100


class Body:
    """A body. An exception as content is raised; with None, reading never ends."""

    def __init__(self, content: bytes | BaseException | None) -> None:
        self.content = content
        self.is_read = False
        self.releases = 0
        self.is_waiting = asyncio.Event()

    def read_nowait(self) -> bytes | None:
        return None

    async def read(self, limit: int) -> bytes:
        if self.content is None:
            self.is_waiting.set()
            await asyncio.Event().wait()
        if isinstance(self.content, BaseException):
            raise self.content
        assert self.content is not None
        if len(self.content) > limit:
            raise ResponseTooLargeError
        self.is_read = True
        return self.content

    async def iter_chunks(self) -> AsyncIterator[bytes]:
        if self.content is None:
            self.is_waiting.set()
            await asyncio.Event().wait()
        if isinstance(self.content, BaseException):
            yield b"a part"
            raise self.content
        assert self.content is not None
        self.is_read = True
        yield self.content

    def release(self) -> None:
        self.releases += 1


class Arrived(Body):
    """A body that is there already, and is gone when it has been taken."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.arrived = content

    def read_nowait(self) -> bytes | None:
        arrived, self.content, self.arrived = self.arrived, b"", b""
        self.is_read = True
        return arrived


def answer(status: int, body: Body, **headers: str) -> Output:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Output(response=Response(status, Headers(named), body))


async def run(output: Output, operation: Operation = INVOKE_ENDPOINT) -> Output:
    middleware = OperationDeserializer(operation, max_response_bytes=LIMIT)
    wire = Wire[DeserializeInput](output)
    return await middleware(Context(operation.name), DeserializeInput(Request()), wire)


async def failure(
    output: Output, operation: Operation = INVOKE_ENDPOINT
) -> SageMakerRuntimeError:
    """Return the error of a call, after which the connection is free again."""
    with pytest.raises(SageMakerRuntimeError) as caught:
        await run(output, operation)
    error = caught.value
    assert output.response is not None
    assert isinstance(output.response.body, Body)
    assert 1 == output.response.body.releases
    assert error.response is output.response
    assert error.metadata is output.metadata
    assert output.response.status == output.metadata.http_status
    return error


@pytest.mark.parametrize("kind", [Body, Arrived])
@pytest.mark.parametrize("content", [b"", b"1,2", bytes(LIMIT)])
async def test_the_body_of_a_2xx_response_is_read_to_its_end(
    kind: type[Arrived], content: bytes
) -> None:
    body = kind(content)

    output = await run(answer(200, body, content_type="text/csv"))

    assert InvokeEndpointOutput(body=content, content_type="text/csv") == output.result
    assert output.result.metadata is output.metadata
    assert 200 == output.metadata.http_status
    assert (True, 0) == (body.is_read, body.releases)


@pytest.mark.parametrize("status", [200, 202, 299])
async def test_every_2xx_is_a_success(status: int) -> None:
    body = Body(b'{"InferenceId": "i"}')

    output = await run(answer(status, body), INVOKE_ENDPOINT_ASYNC)

    assert InvokeEndpointAsyncOutput(inference_id="i") == output.result
    assert status == output.result.http_status


async def test_a_successful_stream_keeps_its_connection() -> None:
    body = Body(AssertionError())
    output = answer(200, body, x_amzn_sagemaker_content_type="text/plain")

    await run(output, INVOKE_ENDPOINT_WITH_RESPONSE_STREAM)

    expected = InvokeEndpointWithResponseStreamOutput(content_type="text/plain")
    assert expected == output.result
    assert (False, 0) == (body.is_read, body.releases)


async def test_an_output_without_a_response_is_unchanged() -> None:
    answered = Output(result="cached")

    assert await run(answered) is answered
    assert "cached" == answered.result
    assert answered.metadata.http_status is None


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_an_error_is_read_and_raised(operation: Operation) -> None:
    body = Body(b'{"Message": "why", "OriginalStatusCode": 400}')

    error = await failure(answer(424, body, x_amzn_errortype="ModelError"), operation)

    assert isinstance(error, ModelError)
    assert ("why", 400, 424) == (
        error.message,
        error.original_status_code,
        error.http_status,
    )
    assert body.is_read


@pytest.mark.parametrize("status", [199, 300, 301, 304, 307, 400, 403, 500])
async def test_what_is_not_2xx_is_an_error(status: int) -> None:
    error = await failure(answer(status, Body(b"<html>"), location="/elsewhere"))

    assert isinstance(error, UnknownServiceError)
    assert (status, b"<html>") == (error.http_status, error.body)


@pytest.mark.parametrize(
    "trouble",
    [
        RequestTimeoutError("silence"),
        ConnectionLostError("gone"),
        TruncatedBodyError("cut"),
        bytes((1 << 20) + 1),
    ],
)
async def test_an_error_whose_body_cannot_be_read_is_known_by_its_status(
    trouble: bytes | SageMakerRuntimeError,
) -> None:
    error = await failure(
        answer(503, Body(trouble), x_amzn_errortype="ServiceUnavailable")
    )

    assert isinstance(error, ServiceUnavailable)
    expected = trouble[:4096] if isinstance(trouble, bytes) else b"a part"
    assert (503, expected) == (error.http_status, error.body)


async def test_the_body_of_an_error_may_exceed_max_response_bytes() -> None:
    error = await failure(answer(500, Body(bytes(LIMIT + 1))))

    assert isinstance(error, UnknownServiceError)
    assert bytes(LIMIT + 1) == error.body


@pytest.mark.parametrize("kind", [Body, Arrived])
async def test_a_body_that_is_too_large_is_an_error(kind: type[Arrived]) -> None:
    error = await failure(answer(200, kind(bytes(LIMIT + 1))))

    assert isinstance(error, ResponseTooLargeError)


@pytest.mark.parametrize("kind", [Body, Arrived])
async def test_a_document_that_cannot_be_parsed_is_an_error(
    kind: type[Arrived],
) -> None:
    error = await failure(answer(202, kind(b"<html>")), INVOKE_ENDPOINT_ASYNC)

    assert DeserializationError is type(error)


@pytest.mark.parametrize("kind", [RequestTimeoutError, ConnectionLostError])
async def test_a_failure_while_reading_the_body_means_that_the_model_ran(
    kind: type[SageMakerRuntimeError],
) -> None:
    """Whatever the transport thinks of it: the request is not sent again."""
    trouble = kind("silence")
    trouble.is_retryable = True

    error = await failure(answer(200, Body(trouble)))

    assert error is trouble
    assert (True, True, False) == (
        error.request_sent,
        error.may_have_executed,
        error.is_retryable,
    )


@pytest.mark.parametrize("status", [200, 503])
async def test_a_cancellation_while_reading_releases_the_connection(
    status: int,
) -> None:
    body = Body(None)
    call = asyncio.ensure_future(run(answer(status, body)))
    await body.is_waiting.wait()

    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert 1 == body.releases


@pytest.mark.parametrize("status", [200, 503])
async def test_a_foreign_exception_releases_the_connection_and_propagates(
    status: int,
) -> None:
    body, bug = Body(ZeroDivisionError()), ZeroDivisionError

    with pytest.raises(bug):
        await run(answer(status, body))

    assert 1 == body.releases


async def test_a_transport_error_has_no_response_to_release() -> None:
    lost = ConnectionLostError("gone")
    middleware = OperationDeserializer(INVOKE_ENDPOINT, max_response_bytes=LIMIT)

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        raise lost

    with pytest.raises(ConnectionLostError):
        await middleware(Context("InvokeEndpoint"), DeserializeInput(Request()), send)

    assert lost.response is None
    assert {} == lost.metadata


async def test_in_the_standard_order_an_error_knows_its_response() -> None:
    step = Stack().deserialize
    step.add(AddRawResponseToMetadata())
    step.add(ResponseErrorWrapper())
    step.add(RequestIDRetriever())
    step.add(OperationDeserializer(INVOKE_ENDPOINT_ASYNC, max_response_bytes=LIMIT))
    output = answer(202, Body(b"[]"), x_amzn_requestid="r-1")
    handler = step.decorate(Wire[DeserializeInput](output))

    with pytest.raises(DeserializationError) as caught:
        await handler(Context("InvokeEndpointAsync"), DeserializeInput(Request()))

    error = caught.value
    assert (202, "r-1") == (error.http_status, error.request_id)
    assert ["response: HTTP 202, request id r-1"] == error.__notes__
    assert isinstance(error.metadata, Metadata)
    assert (202, "r-1", output.response) == (
        error.metadata.http_status,
        error.metadata.request_id,
        error.metadata.raw_response,
    )
