"""Programs that type checkers must accept: what middleware authors write."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from sagemaker_rt import (
    Client,
    Credentials,
    InvokeEndpointInput,
    Options,
    PayloadPart,
    ResponseStreamHandler,
    SageMakerRuntimeError,
    with_max_attempts,
    with_meter_provider,
    with_on_chunk_received,
    with_on_chunk_sent,
    with_read_timeout,
    with_response_target,
    with_tracer_provider,
)
from sagemaker_rt.context import Context, Key, Metadata
from sagemaker_rt.stack import (
    BuildInput,
    DeserializeInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Middleware,
    Output,
    Stack,
    Step,
    hook,
)

LATENCY: Key[float] = Key("latency")
TENANT: Key[str] = Key("tenant")


async def tag_tenant(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    """A function in its step, which passes a value down."""
    input.request.headers["X-Tenant"] = "acme"
    return await next(ctx.with_value(TENANT, "acme"), input)


async def answer_from_cache(
    ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
) -> Output:
    """A function that may answer without a call."""
    return Output(result=b"cached") if input.params else await next(ctx, input)


async def answer_to_any(ctx: Context, input: object, next: object) -> Output:
    """A function that takes any input fits each step."""
    return Output(result=(ctx, input, next))


async def scale(
    factor: float, ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    """A function that is bound to more than a call."""
    input.request.headers["X-Scale"] = str(factor)
    return await next(ctx, input)


class Timing:
    """A class with state, which sends a fact up."""

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


class Remembering:
    """A method in its step, on an object that has others."""

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
    """A plain function."""
    input.request.headers["X-Operation"] = ctx.operation


def edit(stack: Stack) -> None:
    """Edit every step, as ``with_api_options`` does."""
    stack.initialize.add(answer_from_cache, first=True)
    stack.initialize.add(answer_to_any)
    stack.build.add(answer_to_any)
    stack.build.add(tag_tenant)
    stack.build.add(tag_team)
    stack.build.add(partial(scale, 0.5), id="half")
    stack.build.add(hook(BuildInput, id="nothing")(lambda _ctx, _input: None))
    stack.build.add(lambda ctx, input, next: next(ctx, input), id="through")
    stack.finalize.insert(Timing(perf_counter), after="Retry")
    stack.deserialize.add(Remembering().remember)
    old: Middleware[FinalizeInput] = stack.finalize.swap(
        "Signing", Timing(perf_counter)
    )
    stack.finalize.add(old, id="old")
    names: list[str] = [*stack.build, *stack.list()]
    step: Step[BuildInput] = stack.build
    tag: Middleware[BuildInput] = step.get(names[0])
    step.add(tag, id="twice")


def read(
    ctx: Context, metadata: Metadata
) -> tuple[str, str | None, float, float | None]:
    """Read values by typed keys: they have the type that was put in."""
    return (
        ctx[TENANT],
        ctx.get(TENANT),
        metadata.get(LATENCY, 0.0),
        metadata.get(LATENCY),
    )


async def run(stack: Stack, wire: Handler[DeserializeInput]) -> object:
    """Compile a stack and run it, as the client does."""
    handler: Handler[InitializeInput] = stack.decorate(wire)
    output = await handler(Context("InvokeEndpoint"), InitializeInput(params=None))
    return output.result


async def call(credentials: Credentials) -> bytes:
    """Call by shape and by members, with options for the client and for one call."""
    params = InvokeEndpointInput(endpoint_name="m", body=b"")
    patient = with_read_timeout(300) | with_max_attempts(1)
    async with Client(Options(region="r"), patient, credentials=credentials) as client:
        by_shape = await client.invoke_endpoint(params, with_read_timeout(5))
        by_members = await client.with_options(patient).invoke_endpoint(
            patient, endpoint_name="m", body="text", content_type="text/plain"
        )
        queued = await client.invoke_endpoint_async(endpoint_name="m", body=b"")
        location: str | None = queued.output_location
        async with client.invoke_endpoint_with_response_stream(
            endpoint_name="m", body=b""
        ) as stream:
            parts = [
                part.bytes async for part in stream if isinstance(part, PayloadPart)
            ]
        return b"".join(
            [by_shape.body, by_members.body, *parts, repr(location).encode()]
        )


def watched(traces: TracerProvider, metrics: MeterProvider) -> Client:
    """Make spans and metrics by OpenTelemetry's providers."""
    watching = with_tracer_provider(traces) | with_meter_provider(metrics)
    return Client(watching, tracer_provider=traces, meter_provider=metrics)


HANDLER = ResponseStreamHandler()


@HANDLER.on_payload_part
async def show(part: PayloadPart) -> int:
    """A function of one kind of event."""
    return len(part.bytes)


@HANDLER.on_error
def note(error: SageMakerRuntimeError) -> None:
    """A function of what ends a stream, which need not be async."""
    print(error.request_id)  # noqa: T201 - it is a program


HANDLER.on_event(print)


def report_sent(chunk: bytes, sent: int, total: int) -> None:
    """A function that is told of each chunk."""
    print(len(chunk), sent / total)  # noqa: T201 - it is a program


async def report_received(chunk: bytes, received: int, total: int | None) -> None:
    """A function that is told of each chunk, and may wait."""
    print(len(chunk), received, total)  # noqa: T201 - it is a program


async def bodies_on_their_way(client: Client, file: BinaryIO) -> None:
    """Follow bodies, and send an answer elsewhere."""
    await client.invoke_endpoint(
        with_on_chunk_sent(report_sent) | with_on_chunk_received(report_received),
        with_response_target(file),
        endpoint_name="m",
        body=file,
    )
    for option in (
        with_response_target(Path("answer")),
        with_response_target(list[bytes]().append),
        with_response_target(io.BytesIO()),
    ):
        await client.invoke_endpoint(option, endpoint_name="m", body=b"")
    call = client.invoke_endpoint_with_response_stream(endpoint_name="m", body=b"")
    output = await call.handle(HANDLER)
    print(output.content_type, await show(PayloadPart(b"")))  # noqa: T201 - as above
