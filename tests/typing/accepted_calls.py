"""Calls with shapes, with members, and unsent requests."""

from __future__ import annotations

from array import array
from ctypes import c_float
from datetime import datetime
from io import BytesIO
from typing import Any, Literal, assert_type

import numpy as np

from sagemaker_rt import (
    API_VERSION,
    NEW_SESSION,
    SERVICE_ID,
    SIGNING_NAME,
    Client,
    Config,
    Endpoint,
    Headers,
    InvokeEndpointAsyncInput,
    InvokeEndpointAsyncOutput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    LogFormatter,
    Options,
    Request,
    Response,
    ResponseStream,
    SessionInfo,
    UnsentRequest,
    from_dict,
    to_dict,
    with_options,
)

PARAMS = InvokeEndpointInput(
    endpoint_name="m",
    body=b"",
    content_type="text/csv",
    accept="application/json",
    custom_attributes="a",
    target_model="t.tar.gz",
    target_variant="v",
    target_container_hostname="h",
    inference_id="i",
    enable_explanations="`true`",
    inference_component_name="c",
    session_id=NEW_SESSION,
    prefix_aware_id="p",
)
QUEUED = InvokeEndpointAsyncInput(
    endpoint_name="m",
    input_location="s3://bucket/key",
    s3_output_path_extension="out",
    filename="answer",
    request_ttl_seconds=3600,
    invocation_timeout_seconds=60,
)
BUFFERS = (
    InvokeEndpointInput(endpoint_name="m", body=array("f", [1.0])),
    InvokeEndpointInput(endpoint_name="m", body=(c_float * 2)(1.0, 2.0)),
    InvokeEndpointInput(endpoint_name="m", body=np.zeros((2, 2), dtype=np.float32)),
)
STREAMED = InvokeEndpointWithResponseStreamInput(endpoint_name="m", body="text")
SERVICE: tuple[str, str, str] = (SERVICE_ID, API_VERSION, SIGNING_NAME)


async def call() -> bytes:
    """Call by shape and by members, with options for the client and for one call."""
    patient = with_options(read_timeout=300, max_attempts=1)
    async with Client(Options(region="r"), patient) as client:
        by_shape = await client.invoke_endpoint(PARAMS, with_options(read_timeout=5))
        by_members = await client.with_options(patient).invoke_endpoint(
            patient, endpoint_name="m", body=BytesIO(), content_type="text/plain"
        )
        assert_type(by_shape, InvokeEndpointOutput)
        return by_shape.body + by_members.body


class TeamClient(Client):
    """A subclass with another attribute."""

    team = "checkout"


def derive(client: TeamClient) -> str:
    """Derive a client of the same class."""
    return client.with_options(with_options(read_timeout=1), max_attempts=2).team


async def queue(client: Client) -> str | None:
    """Queue requests with a shape and with members."""
    output = await client.invoke_endpoint_async(QUEUED)
    assert_type(output, InvokeEndpointAsyncOutput)
    other = await client.invoke_endpoint_async(endpoint_name="m", body=b"")
    return output.output_location or other.failure_location or other.inference_id


def read_output(output: InvokeEndpointOutput) -> None:
    """Read the attributes of an output."""
    assert_type(output.body, bytes)
    assert_type(output.content_type, str | None)
    assert_type(output.http_status, int | None)
    assert_type(output.request_id, str | None)
    assert_type(output.metadata.endpoint, Endpoint | None)
    assert_type(output.metadata.raw_response, Response | None)
    assert_type([one.elapsed for one in output.metadata.attempts], list[float | None])
    session = output.new_session
    assert_type(session, SessionInfo | None)
    if session is not None:
        assert_type(session.id, str)
        assert_type(session.expires_at, datetime | None)


async def use_unsent_requests(client: Client) -> bytes:
    """Inspect, presign and send unsent requests, whose outputs have types."""
    request = client.request("invoke_endpoint", endpoint_name="m", body=b"")
    assert_type(request, UnsentRequest[InvokeEndpointOutput])
    assert_type(await request.prepare(), Request)
    assert_type(await request.presign(expires=60), str)
    assert_type(request.params.endpoint_name, str)
    request.abort()
    again = client.request("InvokeEndpoint", PARAMS, with_options(read_timeout=1))
    assert_type(await again.send(), InvokeEndpointOutput)
    queued = client.request(
        "invoke_endpoint_async", with_options(read_timeout=1), body=b""
    )
    assert_type(await queued.send(), InvokeEndpointAsyncOutput)
    assert_type(client.request("InvokeEndpointAsync", QUEUED).operation, str)
    streamed = client.request("invoke_endpoint_with_response_stream", STREAMED)
    async with await streamed.send() as stream:
        assert_type(stream, ResponseStream)
    return (await again.send()).body


async def choose_operation(
    client: Client, name: Literal["InvokeEndpoint", "InvokeEndpointAsync"]
) -> str | None:
    """Choose the operation by a variable."""
    output = await client.request(name, endpoint_name="m", body=b"").send()
    assert_type(output, InvokeEndpointOutput | InvokeEndpointAsyncOutput)
    return output.request_id


def convert(params: InvokeEndpointInput) -> InvokeEndpointInput:
    """Convert shapes to dictionaries and back."""
    assert_type(to_dict(params), dict[str, Any])
    return from_dict(InvokeEndpointInput, {**to_dict(params), "accept": "text/csv"})


def change_request(request: Request) -> str:
    """Read and change a request."""
    request.headers = Headers({"X-Team": "checkout"})
    request.headers.update(request.copy().headers)
    assert_type(request.headers.get("x-team"), str | None)
    return request.method + request.url


async def explain(client: Client) -> list[str]:
    """Print the stack, and resolve the endpoint."""
    assert_type(await client.resolve_endpoint(with_options(read_timeout=1)), Endpoint)
    assert_type(client.options, Options)
    return [*client.stack("InvokeEndpoint").list(), client.explain("InvokeEndpoint")]


async def load_configuration() -> Client:
    """Load the configuration first."""
    config = await Config.load(profile="dev")
    client = await Client.from_config(config, with_options(max_attempts=1), region="r")
    return client.with_options(with_options(read_timeout=1), max_attempts=2)


def formatters() -> list[LogFormatter]:
    """Create log formatters."""
    return [
        LogFormatter(),
        LogFormatter("{operation} {duration:.3f}", filter=["target_model"]),
        LogFormatter.default(max_string_size=80),
        LogFormatter.short(),
        LogFormatter.colored(filter={"target_model"}),
    ]
