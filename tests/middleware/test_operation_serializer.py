from __future__ import annotations

import io

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import ConnectError, SerializationError
from sagemaker_rt.http import FileBody, Headers, Request
from sagemaker_rt.middleware.operation_serializer import OperationSerializer
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.shapes import InvokeEndpointInput
from sagemaker_rt.stack import Output, SerializeInput
from tests.doubles import Scripted, Wire

PARAMS = InvokeEndpointInput(
    endpoint_name="m", body="abc", content_type="text/csv", accept="*/*"
)


async def test_the_input_is_written_on_the_request() -> None:
    wire = Wire[SerializeInput]()
    input = SerializeInput(PARAMS, Request(headers=Headers({"X-Tenant": "acme"})))
    middleware = OperationSerializer(INVOKE_ENDPOINT)

    output = await middleware(Context("InvokeEndpoint"), input, wire)

    request = wire.inputs[0].request
    assert ("POST", "/endpoints/m/invocations", "") == (
        request.method,
        request.path,
        request.query,
    )
    assert {
        "x-tenant": "acme",
        "content-type": "text/csv",
        "accept": "*/*",
    } == request.headers
    assert b"abc" == request.body
    assert request is input.request
    assert output is wire.output


async def test_a_body_of_the_wrong_type_is_not_passed_on() -> None:
    wire = Wire[SerializeInput]()
    params = InvokeEndpointInput(endpoint_name="m", body=42)  # type: ignore[arg-type] # the point

    with pytest.raises(SerializationError, match="body is of type int"):
        await OperationSerializer(INVOKE_ENDPOINT)(
            Context("InvokeEndpoint"), SerializeInput(params, Request()), wire
        )

    assert [] == wire.inputs


async def test_a_file_belongs_to_one_call_at_a_time() -> None:
    file = io.BytesIO(b"abc")
    params = InvokeEndpointInput(endpoint_name="m", body=file)
    middleware = OperationSerializer(INVOKE_ENDPOINT)
    sent: list[bytes] = []
    wire = Wire[SerializeInput]()

    async def send(ctx: Context, input: SerializeInput) -> Output:
        assert isinstance(input.request.body, FileBody)
        with pytest.raises(SerializationError, match="another call"):
            await middleware(ctx, SerializeInput(params, Request()), wire)
        sent.extend(input.request.body.chunks())
        file.seek(0)
        return Output()

    for _ in range(2):
        await middleware(Context("A"), SerializeInput(params, Request()), send)

    assert [b"abc", b"abc"] == sent


async def test_a_failed_call_releases_its_file() -> None:
    params = InvokeEndpointInput(endpoint_name="m", body=io.BytesIO(b"abc"))
    middleware = OperationSerializer(INVOKE_ENDPOINT)
    wire = Scripted[SerializeInput](ConnectError(), ConnectError())

    for _ in range(2):
        with pytest.raises(ConnectError):
            await middleware(Context("A"), SerializeInput(params, Request()), wire)
