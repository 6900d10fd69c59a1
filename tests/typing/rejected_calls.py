"""Calls that checkers reject."""

from __future__ import annotations

from sagemaker_rt import (
    Client,
    CSVCodec,
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    LogFormatter,
    UnsentRequest,
    from_dict,
    register_codec,
    to_dict,
    with_options,
)

PARAMS = InvokeEndpointInput(endpoint_name="m", body=b"")


def wrong_members() -> None:
    """Create shapes with wrong members."""
    PARAMS.body = b"other"  # error
    InvokeEndpointInput(endpoint_name="m")  # error
    InvokeEndpointInput(body=b"")  # error
    InvokeEndpointInput("m", b"")  # error
    InvokeEndpointInput(endpoint_name="m", body=b"", bdoy=b"")  # error
    InvokeEndpointInput(endpoint_name="m", body={"inputs": 1})  # error
    InvokeEndpointInput(endpoint_name="m", body=[1])  # error
    InvokeEndpointInput(endpoint_name="m", body=b"", input_location="s")  # error
    InvokeEndpointAsyncInput(endpoint_name="m", request_ttl_seconds="1")  # error
    InvokeEndpointWithResponseStreamInput(endpoint_name="m")  # error


async def wrong_call(client: Client) -> int:
    """Call operations with wrong arguments, and misuse their results."""
    await client.invoke_endpoint(endpoint_name="m", body=1)  # error
    await client.invoke_endpoint(endpoint_name="m", body=b"", bdoy=b"")  # error
    await client.invoke_endpoint(endpoint_name="m")  # error
    await client.invoke_endpoint("m")  # error
    await client.invoke_endpoint(endpoint_name="m", json={}, body=b"")  # error
    await client.invoke_endpoint(endpoint_name="m", json={}, acept="a/b")  # error
    await client.invoke_endpoint(json={})  # error
    await client.invoke_endpoint(PARAMS, json={})  # error
    await client.invoke_endpoint_async(endpoint_name="m", json={}, body=b"")  # error
    await client.invoke_endpoint(PARAMS, body=b"")  # error
    await client.invoke_endpoint(PARAMS, read_timeout=1)  # error
    await client.invoke_endpoint(with_options, PARAMS)  # error
    await client.invoke_endpoint_async(PARAMS)  # error
    await client.invoke_endpoint_async(endpoint_name="m", input_location=b"")  # error
    output = await client.invoke_endpoint(endpoint_name="m", body=b"")
    output.output_location.upper()  # error
    output.content_type.upper()  # error
    output.text()  # error
    output.json.items()  # error
    size: int = output.body  # error
    return size


async def wrong_values(client: Client) -> None:
    """Predict with wrong arguments."""
    await client.predict("m")  # error
    await client.predict("m", {}, body=b"")  # error
    await client.predict("m", {}, codec=5)  # error
    await client.predict("m", {}, codec=CSVCodec)  # error
    register_codec("csv")  # error
    CSVCodec(True)  # error


async def wrong_stream(client: Client) -> bytes:
    """Misuse a stream."""
    call = client.invoke_endpoint_with_response_stream(endpoint_name="m", body=b"")
    client.invoke_endpoint_with_response_stream(PARAMS)  # error
    async with call as stream:
        stream.body.upper()  # error
    async for event in call:  # error
        event.bytes.upper()
    async for event in await call:
        event.bytes.upper()  # error
    with call as stream:  # error
        await stream.aclose()
    return await call  # error


async def wrong_request(client: Client, name: str) -> int:
    """Create unsent requests with wrong arguments."""
    client.request("invoke_endpont", endpoint_name="m", body=b"")  # error
    client.request(name, endpoint_name="m", body=b"")  # error
    client.request("invoke_endpoint", endpoint_name="m", bdoy=b"")  # error
    client.request("invoke_endpoint_async", PARAMS)  # error
    client.request(PARAMS)  # error
    request = client.request("invoke_endpoint", PARAMS)
    await request.presign(60)  # error
    (await request.send()).output_location  # error
    queued = client.request("InvokeEndpointAsync", endpoint_name="m", body=b"")
    other: UnsentRequest[InvokeEndpointOutput] = queued  # error
    return await other.send()  # error


def wrong_dictionaries() -> InvokeEndpointAsyncInput:
    """Convert dictionaries to the wrong shape."""
    to_dict(PARAMS).upper()  # error
    from_dict("InvokeEndpointInput", {})  # error
    from_dict(InvokeEndpointInput, [("endpoint_name", "m")])  # error
    LogFormatter(80)  # error
    LogFormatter(filter=80)  # error
    return from_dict(InvokeEndpointInput, {})  # error
