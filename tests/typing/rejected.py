"""Programs that type checkers must refuse, at the lines that say so and at no other."""

from __future__ import annotations

from sagemaker_rt import (
    Client,
    ResponseStreamHandler,
    with_on_chunk_sent,
    with_request_compression,
    with_response_target,
)
from sagemaker_rt.context import Context, Key, Metadata
from sagemaker_rt.stack import (
    BuildInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Output,
    Stack,
    hook,
)

LATENCY: Key[float] = Key("latency")
TENANT: Key[str] = Key("tenant")


async def tag_tenant(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    """Belong to *build*."""
    return await next(ctx, input)


class Timing:
    """Belong to *finalize*."""

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        """Pass all on."""
        return await next(ctx, input)


@hook(BuildInput)
def tag_team(ctx: Context, input: BuildInput) -> None:
    """Belong to *build*."""


def the_wrong_step(stack: Stack) -> None:
    """Add each to a step that it does not belong to."""
    stack.initialize.add(tag_tenant)  # error
    stack.finalize.add(tag_tenant)  # error
    stack.finalize.insert(tag_tenant, after="Retry")  # error
    stack.finalize.swap("Signing", tag_tenant)  # error
    stack.finalize.add(tag_team)  # error
    stack.build.add(Timing())  # error
    stack.build.add(Timing)  # error
    stack.finalize.add(Timing())


async def the_wrong_next_input(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Output:
    """Call the rest with another step's input."""
    await next(ctx, input.request)  # error
    await next(input)  # error
    return await next(ctx, BuildInput(input.request))  # error


async def the_wrong_answer(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> bytes:
    """Answer with something that is no output."""
    output = await next(ctx, input)
    return bytes(output.metadata.http_status or 0)


async def forgetful(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """Return the rest of the call without having waited for it."""
    return next(ctx, input)  # error


async def a_hook_that_waits(ctx: Context, input: BuildInput) -> None:
    """Wait, which a hook cannot."""


def the_wrong_middleware(stack: Stack) -> None:
    """Add what is no middleware at all."""
    stack.initialize.add(the_wrong_answer)  # error
    stack.build.add(hook(BuildInput)(a_hook_that_waits))  # error
    stack.build.add(hook(FinalizeInput)(tag_team.function))  # error
    stack.build.add("tag_tenant")  # error
    stack.build.add(tag_tenant, "tag_tenant")  # error


def the_wrong_value(ctx: Context, metadata: Metadata) -> int:
    """Put in and take out what the keys are not of."""
    ctx.with_value(TENANT, 42)  # error
    ctx.with_value("tenant", "acme")  # error
    metadata[LATENCY] = "slow"  # error
    metadata["latency"] = 0.5  # error
    tenant: int = ctx[TENANT]  # error
    ctx.get(TENANT).upper()  # error
    return tenant


async def the_wrong_call(client: Client) -> int:
    """Give the client what it does not take, and take what it does not give."""
    Client(max_atempts=2)  # error
    Client(max_attempts="two")  # error
    await client.invoke_endpoint(endpoint_name="m", body=1)  # error
    await client.invoke_endpoint(endpoint_name="m", body=b"", bdoy=b"")  # error
    await client.invoke_endpoint("m")  # error
    output = await client.invoke_endpoint(endpoint_name="m", body=b"")
    size: int = output.body  # error
    return size


def the_wrong_functions(handler: ResponseStreamHandler) -> None:
    """Give functions that take something else."""
    handler.on_payload_part(len)  # error
    handler.on_model_stream_error(the_wrong_functions)  # error
    with_on_chunk_sent(len)  # error
    with_response_target(42)  # error
    with_request_compression("br")  # error
