"""Middlewares for one operation that use members which it does not have."""

from __future__ import annotations

from sagemaker_rt import (
    Context,
    Handler,
    InitializeInput,
    InvokeEndpointAsyncInput,
    InvokeEndpointInput,
    InvokeEndpointOutput,
    Key,
    Output,
    SerializeInput,
    Stack,
    hook,
    with_api_options,
    with_context_value,
)

TENANT: Key[str] = Key("tenant")


async def misspelt(
    ctx: Context,
    input: InitializeInput[InvokeEndpointInput],
    next: Handler[InitializeInput[InvokeEndpointInput]],
) -> Output[InvokeEndpointOutput]:
    """Misspell members of the input and of the output."""
    input.params.endpont_name  # error
    input.params.input_location  # error
    InitializeInput[InvokeEndpointInput](5)  # error
    output: Output[InvokeEndpointOutput] = await next(ctx, input)
    output.result.bdoy  # error
    return output


async def of_another_operation(
    ctx: Context,
    input: SerializeInput[InvokeEndpointAsyncInput],
    next: Handler[SerializeInput[InvokeEndpointAsyncInput]],
) -> Output:
    """Use a member of another operation."""
    input.params.target_model  # error
    return await next(ctx, input)


@hook(InitializeInput[InvokeEndpointInput])
def look(ctx: Context, input: InitializeInput[InvokeEndpointInput]) -> None:
    """Misspell a member in a hook."""
    input.params.content_typ  # error


def edit(stack: Stack) -> None:
    """Add middlewares to the wrong step."""
    stack.initialize.add(of_another_operation)  # error
    stack.serialize.replace_or_add(misspelt)  # error
    stack.build.add(look)  # error


async def never_run(stack: Stack) -> None:
    """An async edit."""
    edit(stack)


with_api_options(never_run)  # error
with_context_value(TENANT, 5)  # error
with_context_value("tenant", "acme")  # error


def set_values(ctx: Context) -> None:
    """Change what is immutable."""
    ctx.values[TENANT] = "acme"  # error
    ctx.attempt = 2  # error
