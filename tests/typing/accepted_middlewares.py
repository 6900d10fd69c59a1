"""Middlewares for each step, as their authors write them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import assert_type

from sagemaker_rt import (
    BuildInput,
    Context,
    DeserializeInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    InvokeEndpointOutput,
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
    """A function that passes a value down."""
    input.request.headers["X-Tenant"] = "acme"
    return await next(ctx.with_value(TENANT, "acme"), input)


async def answer_from_cache(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """A function that may return without calling next."""
    return Output(result=b"cached") if input.params else await next(ctx, input)


async def compress(
    ctx: Context, input: SerializeInput, next: Handler[SerializeInput]
) -> Output:
    """A function that uses the parameters and the request."""
    output = await next(ctx, input)
    input.request.headers.setdefault("X-Operation", ctx.operation)
    return output


async def pass_any_on(ctx: Context, input: object, next: object) -> Output:
    """A function with an input of any type, which fits all steps."""
    return Output(result=(ctx, input, next))


async def scale(
    factor: float, ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    """A function with one more argument, for functools.partial."""
    input.request.headers["X-Scale"] = str(factor)
    return await next(ctx, input)


class Timing:
    """A class with state, which adds to the metadata."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        """Measure an attempt."""
        started = self._clock()
        output = await next(ctx, input)
        output.metadata[LATENCY] = self._clock() - started
        return output


class Cache:
    """A class whose method is the middleware."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def remember(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        """Keep the path of each attempt."""
        self.paths.append(input.request.path)
        return await next(ctx, input)


@hook(BuildInput)
def tag_team(ctx: Context, input: BuildInput) -> None:
    """A hook."""
    input.request.headers["X-Operation"] = ctx.operation


@hook(FinalizeInput, id="Attempt")
def number_attempts(ctx: Context, input: FinalizeInput) -> None:
    """A hook with an ID, which runs in each attempt."""
    input.request.headers["X-Attempt"] = str(ctx.attempt)


def edit(stack: Stack) -> None:
    """Edit every step, as ``with_api_options`` does."""
    stack.initialize.add(answer_from_cache, first=True)
    stack.initialize.add(pass_any_on)
    stack.serialize.add(compress)
    stack.build.add(pass_any_on)
    stack.build.add(tag_tenant)
    stack.build.add(tag_team)
    stack.build.add(partial(scale, 0.5), id="half")
    stack.build.add(hook(BuildInput, id="nothing")(lambda _ctx, _input: None))
    stack.build.add(lambda ctx, input, next: next(ctx, input), id="through")
    stack.finalize.insert(Timing(perf_counter), after="Retry")
    stack.finalize.insert(number_attempts, before="Signing", id="AttemptNumber")
    stack.deserialize.add(Cache().remember)
    old: Middleware[FinalizeInput] = stack.finalize.swap(
        "Signing", Timing(perf_counter)
    )
    stack.finalize.add(old, id="old")
    names: list[str] = [*stack.build, *stack.list()]
    step: Step[BuildInput] = stack.build
    tag: Middleware[BuildInput] = step.get(names[0])
    step.add(tag, id="twice")
    assert_type(step.remove("twice"), Middleware[BuildInput])
    assert_type("twice" in step, bool)


def read(
    ctx: Context, metadata: Metadata
) -> tuple[str, str | None, float, float | None]:
    """Read values by their typed keys."""
    return (
        ctx[TENANT],
        ctx.get(TENANT),
        metadata.get(LATENCY, 0.0),
        metadata.get(LATENCY),
    )


async def run(stack: Stack, wire: Handler[DeserializeInput]) -> object:
    """Compile a stack and run it, like the client."""
    handler: Handler[InitializeInput] = stack.decorate(wire)
    output = await handler(Context("InvokeEndpoint"), InitializeInput(params=None))
    return output.result


def read_metadata(output: Output) -> None:
    """Read the standard metadata."""
    metadata = output.metadata
    assert_type(metadata.request_id, str | None)
    assert_type(metadata.http_status, int | None)
    assert_type(metadata[LATENCY], float)
    assert_type(metadata.get(LATENCY, None), float | None)
    if isinstance(output.result, InvokeEndpointOutput):
        assert_type(output.result.metadata.request_id, str | None)
