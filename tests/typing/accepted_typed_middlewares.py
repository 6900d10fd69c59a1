"""Middlewares for one operation, and the types that users import by name."""

from __future__ import annotations

import time
from typing import Any, assert_type

from attrs import evolve

from sagemaker_rt import (
    BodyLike,
    Client,
    Clock,
    Context,
    Event,
    FileBody,
    FinalizeInput,
    Handler,
    InitializeInput,
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    InvokeEndpointWithResponseStreamInput,
    Key,
    Output,
    PayloadPart,
    Request,
    RequestPrepared,
    ResponseBody,
    ResponseStream,
    SerializeInput,
    Stack,
    StreamCall,
    Timeouts,
    hook,
    with_api_options,
    with_context_value,
    with_options,
)

TENANT: Key[str] = Key("tenant")
CLOCK: Clock = time.time
TIMEOUTS = Timeouts(connect=1.0)


async def tag(
    ctx: Context,
    input: InitializeInput[InvokeEndpointInput],
    next: Handler[InitializeInput[InvokeEndpointInput]],
) -> Output[InvokeEndpointOutput]:
    """A middleware for InvokeEndpoint, whose parameters and result are checked."""
    attributes = f"tenant={ctx.get(TENANT, 'none')}"
    params = evolve(input.params, custom_attributes=attributes)
    output: Output[InvokeEndpointOutput] = await next(ctx, InitializeInput(params))
    assert_type(output.result.body, bytes)
    assert_type(input.params.endpoint_name, str)
    return output


async def count(
    ctx: Context,
    input: SerializeInput[InvokeEndpointAsyncInput],
    next: Handler[SerializeInput[InvokeEndpointAsyncInput]],
) -> Output:
    """A middleware for InvokeEndpointAsync."""
    assert_type(input.params.input_location, str | None)
    return await next(ctx, input)


@hook(InitializeInput[InvokeEndpointWithResponseStreamInput])
def look(
    ctx: Context, input: InitializeInput[InvokeEndpointWithResponseStreamInput]
) -> None:
    """A hook for the stream operation."""
    assert_type(input.params.target_variant, str | None)


async def any_operation(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """Without an argument, the parameters are those of any operation."""
    assert_type(input.params, Any)
    output = await next(ctx, input)
    assert_type(output.result, Any)
    return output


async def notice(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Output:
    """A middleware that knows calls which are only prepared."""
    if ctx.is_prepare:
        assert_type(ctx.get(TENANT), str | None)
    try:
        return await next(ctx, input)
    except RequestPrepared as end:
        assert_type(end, RequestPrepared)
        raise


def edit(stack: Stack) -> None:
    """Add and override middlewares of one operation."""
    stack.initialize.add(tag, calls_next_once=True)
    stack.initialize.add(look)
    stack.initialize.replace_or_add(any_operation, id="Any", first=True)
    stack.serialize.insert(count, after="ResolveEndpoint")
    stack.finalize.add(notice)
    stack.serialize.reserve("Later", "it is off")


CLIENT = Client(
    with_api_options(edit), with_context_value(TENANT, "acme"), context_values={}
)
CALL_OPTIONS = with_options(context_values={TENANT: "acme"}) | with_context_value(
    TENANT, "emca"
)


async def call(body: BodyLike) -> StreamCall:
    """Use the types of bodies and streams by their names."""
    started: StreamCall = CLIENT.invoke_endpoint_with_response_stream(
        CALL_OPTIONS, endpoint_name="m", body=body
    )
    stream: ResponseStream = await started
    event: Event
    async for event in stream:
        if isinstance(event, PayloadPart):
            assert_type(event.bytes, bytes)
    return started


def size(request: Request, body: ResponseBody) -> int:
    """Use the types of what is sent and received."""
    body.release()
    assert_type(request.as_sent, Request)
    return len(request.body) if isinstance(request.body, FileBody) else 0
