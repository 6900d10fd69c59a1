"""Middlewares that checkers reject."""

from __future__ import annotations

from sagemaker_rt import (
    BuildInput,
    Context,
    DeserializeInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Key,
    Metadata,
    Middleware,
    Output,
    SerializeInput,
    Stack,
    Step,
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
        """Call next."""
        return await next(ctx, input)


@hook(BuildInput)
def tag_team(ctx: Context, input: BuildInput) -> None:
    """Belong to *build*."""


def wrong_step(stack: Stack) -> None:
    """Add middlewares to the wrong steps."""
    stack.initialize.add(tag_tenant)  # error
    stack.finalize.add(tag_tenant)  # error
    stack.finalize.insert(tag_tenant, after="Retry")  # error
    stack.finalize.swap("Signing", tag_tenant)  # error
    stack.finalize.add(tag_team)  # error
    stack.build.add(Timing())  # error
    stack.build.add(Timing)  # error
    stack.finalize.add(Timing())


async def wrong_next_input(
    ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
) -> Output:
    """Call next with the input of another step."""
    await next(ctx, input.request)  # error
    await next(input)  # error
    return await next(ctx, BuildInput(input.request))  # error


async def return_bytes(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> bytes:
    """Return bytes instead of an output."""
    output = await next(ctx, input)
    return bytes(output.metadata.http_status or 0)


async def forget_await(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """Return next(…) without await."""
    return next(ctx, input)  # error


async def async_hook(ctx: Context, input: BuildInput) -> None:
    """An async function, which cannot be a hook."""


def wrong_middleware(stack: Stack) -> None:
    """Add objects that are not middlewares."""
    stack.initialize.add(return_bytes)  # error
    stack.build.add(hook(BuildInput)(async_hook))  # error
    stack.build.add(hook(FinalizeInput)(tag_team.function))  # error
    stack.build.add("tag_tenant")  # error
    stack.build.add(tag_tenant, "tag_tenant")  # error


def wrong_value(ctx: Context, metadata: Metadata) -> int:
    """Set and get values of the wrong types."""
    ctx.with_value(TENANT, 42)  # error
    ctx.with_value("tenant", "acme")  # error
    metadata[LATENCY] = "slow"  # error
    metadata["latency"] = 0.5  # error
    tenant: int = ctx[TENANT]  # error
    ctx.get(TENANT).upper()  # error
    return tenant


async def serialize(
    ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
) -> Output:
    """Belong to *serialize*."""
    return await next(ctx, input)


@hook(DeserializeInput)
def read_request(ctx: Context, input: DeserializeInput) -> None:
    """Belong to *deserialize*."""


def other_wrong_steps(stack: Stack) -> None:
    """Add middlewares to the other wrong steps."""
    stack.initialize.add(serialize)  # error
    stack.build.insert(serialize, before="UserAgent")  # error
    stack.deserialize.add(serialize)  # error
    stack.serialize.add(read_request)  # error
    stack.finalize.swap("Signing", read_request)  # error
    stack.serialize.add(serialize)
    stack.deserialize.add(read_request)


def wrong_edit(stack: Stack) -> None:
    """Call the methods of steps with wrong arguments."""
    stack.build.insert(tag_tenant, "UserAgent")  # error
    stack.build.remove(tag_tenant)  # error
    stack.build.add(tag_tenant, first="UserAgent")  # error
    stack.sign.add(tag_tenant)  # error
    step: Step[FinalizeInput] = stack.build  # error
    old: Middleware[FinalizeInput] = stack.build.remove("UserAgent")  # error
    step.add(old)


def wrong_hooks(stack: Stack) -> None:
    """Make hooks of functions with wrong arguments."""
    hook(BuildInput)(read_request.function)  # error
    hook("build")  # error
    hook(BuildInput)(lambda ctx: None)  # error
    stack.build.add(hook(BuildInput))  # error


async def wrong_member(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """Use attributes that the input and the context do not have."""
    input.request.headers.clear()  # error
    ctx.options.region  # error
    return await next(ctx, input)
