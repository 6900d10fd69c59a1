"""Middlewares that are refused."""

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


async def serialize(
    ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
) -> Output:
    """Belong to *serialize*."""
    return await next(ctx, input)


@hook(DeserializeInput)
def look(ctx: Context, input: DeserializeInput) -> None:
    """Belong to *deserialize*."""


def every_other_step(stack: Stack) -> None:
    """Add each to the steps that are left."""
    stack.initialize.add(serialize)  # error
    stack.build.insert(serialize, before="UserAgent")  # error
    stack.deserialize.add(serialize)  # error
    stack.serialize.add(look)  # error
    stack.finalize.swap("Signing", look)  # error
    stack.serialize.add(serialize)
    stack.deserialize.add(look)


def the_wrong_edit(stack: Stack) -> None:
    """Edit steps as they cannot be."""
    stack.build.insert(tag_tenant, "UserAgent")  # error
    stack.build.remove(tag_tenant)  # error
    stack.build.add(tag_tenant, first="UserAgent")  # error
    stack.sign.add(tag_tenant)  # error
    step: Step[FinalizeInput] = stack.build  # error
    old: Middleware[FinalizeInput] = stack.build.remove("UserAgent")  # error
    step.add(old)


def a_hook_of_what_is_no_input(stack: Stack) -> None:
    """Make hooks of the wrong functions."""
    hook(BuildInput)(look.function)  # error
    hook("build")  # error
    hook(BuildInput)(lambda ctx: None)  # error
    stack.build.add(hook(BuildInput))  # error


async def the_wrong_member(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """Look for what this step has not."""
    input.request.headers.clear()  # error
    ctx.options.region  # error
    return await next(ctx, input)
