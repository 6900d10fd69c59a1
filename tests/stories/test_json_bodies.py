"""JSON in and JSON out, over sockets."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from sagemaker_rt import (
    Client,
    InvalidJSONError,
    ParamValidationError,
    SerializationError,
    with_options,
)
from sagemaker_rt.emulator import Emulator, InvocationRequest, ModelResponse

VALUE: dict[str, Any] = {"inputs": "é", "parameters": {"stop": None, "top_k": [1, 2]}}


async def recorder(request: InvocationRequest) -> ModelResponse:
    """Return what the container received."""
    facts = [request.operation, request.content_type, json.loads(request.body)]
    return ModelResponse(json.dumps(facts).encode(), content_type="application/json")


async def website(_: InvocationRequest) -> ModelResponse:
    return ModelResponse(b"<html>", content_type="text/html; charset=latin-1")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    models = {"recorder": recorder, "website": website}
    async with Emulator(models=models) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=emulator.credentials,
        environ={},
    ) as client:
        yield client


async def test_json_is_sent_and_received(client: Client) -> None:
    output = await client.invoke_endpoint(endpoint_name="recorder", json=VALUE)

    assert ["InvokeEndpoint", "application/json", VALUE] == output.json()


async def test_options_and_a_content_type_are_beside_json(client: Client) -> None:
    output = await client.invoke_endpoint(
        with_options(max_attempts=1),
        endpoint_name="recorder",
        json=[1],
        content_type="application/vnd.acme+json",
    )

    assert ["InvokeEndpoint", "application/vnd.acme+json", [1]] == output.json()


async def test_a_stream_is_opened_with_json(client: Client) -> None:
    async with client.invoke_endpoint_with_response_stream(
        endpoint_name="recorder", json=VALUE
    ) as stream:
        text = await stream.read_text()

    name = "InvokeEndpointWithResponseStream"
    assert [name, "application/json", VALUE] == json.loads(text)


async def test_a_request_is_queued_with_json(
    client: Client, emulator: Emulator
) -> None:
    output = await client.invoke_endpoint_async(endpoint_name="recorder", json=VALUE)

    await emulator.finish_jobs()
    assert output.output_location is not None
    stored = emulator.objects[output.output_location]
    assert ["InvokeEndpointAsync", "application/json", VALUE] == json.loads(stored)


async def test_an_unsent_request_has_json(client: Client) -> None:
    request = client.request("InvokeEndpoint", endpoint_name="recorder", json=VALUE)

    prepared = await request.prepare()
    output = await request.send()

    assert "application/json" == prepared.headers["Content-Type"]
    assert ["InvokeEndpoint", "application/json", VALUE] == output.json()


@pytest.mark.parametrize(
    "call",
    [
        lambda client, **members: client.invoke_endpoint(**members),
        lambda client, **members: client.invoke_endpoint_async(**members),
        lambda client, **members: client.invoke_endpoint_with_response_stream(
            **members
        ),
    ],
    ids=["unary", "async", "stream"],
)
async def test_an_invalid_value_is_an_error_before_sending(
    client: Client, emulator: Emulator, call: Callable[..., Any]
) -> None:
    with pytest.raises(SerializationError) as caught:
        await call(client, endpoint_name="recorder", json={"a": [0.5, math.nan]})
    with pytest.raises(ParamValidationError):
        await call(client, endpoint_name="recorder", json={}, body=b"{}")

    error = caught.value
    assert ("json['a'][1]", False) == (error.path, error.request_sent)
    assert error.operation is not None
    assert error.operation.startswith("InvokeEndpoint")
    assert 0 == len(emulator.requests)


async def test_no_traceback_shows_the_value(client: Client) -> None:
    value = {"inputs": ["the-secret", {1}]}

    with pytest.raises(SerializationError) as caught:
        await client.invoke_endpoint(endpoint_name="recorder", json=value)

    shown = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    frames = [frame for frame in shown.stack if __file__ != frame.filename]
    assert not any("the-secret" in str(frame.locals) for frame in frames)


async def test_a_response_that_is_not_json_has_the_facts_of_the_call(
    client: Client,
) -> None:
    output = await client.invoke_endpoint(endpoint_name="website", json=VALUE)

    with pytest.raises(InvalidJSONError) as caught:
        output.json()

    error = caught.value
    assert "<html>" == output.text
    assert error.output is output
    assert output.request_id == error.request_id
    assert (200, 1, True) == (error.http_status, error.attempts, error.request_sent)
