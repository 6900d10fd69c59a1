"""Outputs and errors have the facts of their call, whatever middleware does."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from sagemaker_rt import (
    Client,
    ConnectError,
    Context,
    Credentials,
    InvokeEndpointOutput,
    Key,
    Output,
    ParamValidationError,
    SageMakerRuntimeError,
    ServiceError,
    Stack,
    with_api_options,
    with_options,
)
from sagemaker_rt.emulator import Emulator
from sagemaker_rt.emulator.faults import internal_failure, service_unavailable

KEYS: Final = Credentials("AKIDEXAMPLE", "shh")
TENANT: Key[str] = Key("tenant")
STEPS: Final = ("initialize", "serialize", "build", "finalize", "deserialize")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS) as emulator:
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Client]:
    async with Client(
        region=emulator.region,
        endpoint_url=emulator.url,
        credentials=KEYS,
        environ={},
        custom_backoff=lambda _, __: 0.0,
    ) as client:
        yield client


async def unary(client: Client, *opts: Any) -> object:
    return await client.invoke_endpoint(*opts, endpoint_name="echo", body=b"x")


async def queued(client: Client, *opts: Any) -> object:
    return await client.invoke_endpoint_async(
        *opts, endpoint_name="echo", input_location="s3://bucket/key"
    )


async def stream(client: Client, *opts: Any) -> object:
    async with client.invoke_endpoint_with_response_stream(
        *opts, endpoint_name="echo", body=b"x"
    ) as events:
        return [event async for event in events]


async def prepare(client: Client, *opts: Any) -> object:
    request = client.request("InvokeEndpoint", *opts, endpoint_name="echo", body=b"x")
    return await request.prepare()


async def presign(client: Client, *opts: Any) -> object:
    request = client.request("InvokeEndpoint", *opts, endpoint_name="echo", body=b"x")
    return await request.presign()


OPERATIONS: Final[dict[Callable[..., Awaitable[object]], str]] = {
    unary: "InvokeEndpoint",
    queued: "InvokeEndpointAsync",
    stream: "InvokeEndpointWithResponseStream",
    prepare: "InvokeEndpoint",
    presign: "InvokeEndpoint",
}


def _refusal() -> ParamValidationError:
    return ParamValidationError("refused by the team's middleware")


def adding(step: str, middleware: Any, **place: Any) -> Any:
    """Return an option that adds *middleware* to *step*."""

    def edit(stack: Stack) -> None:
        getattr(stack, step).add(middleware, **place)

    return with_api_options(edit)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("call", OPERATIONS)
async def test_an_error_of_a_middleware_has_the_operation(
    call: Callable[..., Awaitable[object]], step: str, client: Client, *, first: bool
) -> None:
    async def refuse(ctx: Context, input: Any, next: Any) -> Output:
        error = _refusal()
        error.metadata[TENANT] = "acme"
        raise error

    with pytest.raises(ParamValidationError) as caught:
        await call(client, adding(step, refuse, first=first))

    error = caught.value
    is_in_attempt = step == "deserialize" or (step == "finalize" and not first)
    assert (OPERATIONS[call], int(is_in_attempt)) == (error.operation, error.attempts)
    assert "acme" == error.metadata[TENANT]
    assert not error.request_sent


@pytest.mark.parametrize("step", STEPS)
async def test_an_error_after_the_response_has_its_facts(
    step: str, client: Client
) -> None:
    async def refuse(ctx: Context, input: Any, next: Any) -> Output:
        output = await next(ctx, input)
        output.metadata[TENANT] = "acme"
        raise _refusal()

    with pytest.raises(ParamValidationError) as caught:
        await unary(client, adding(step, refuse))

    error = caught.value
    assert ("InvokeEndpoint", 200, 1) == (
        error.operation,
        error.http_status,
        error.attempts,
    )
    assert error.request_id
    assert error.request_id == error.metadata.request_id
    assert "acme" == error.metadata[TENANT]
    assert error.may_have_executed


@pytest.mark.parametrize("step", STEPS)
async def test_a_middleware_attaches_metadata_to_an_error(
    step: str, emulator: Emulator, client: Client
) -> None:
    async def attach(ctx: Context, input: Any, next: Any) -> Output:
        try:
            output: Output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            error.metadata[TENANT] = "acme"
            raise
        # in deserialize, the response is not parsed yet
        output.metadata[TENANT] = "acme"
        return output

    emulator.faults.add(internal_failure(), times=3)
    with pytest.raises(ServiceError) as refused:
        await unary(client, adding(step, attach))
    with pytest.raises(ConnectError) as unreachable:
        await unary(
            client,
            adding(step, attach),
            with_options(endpoint_url="http://127.0.0.1:1", max_attempts=2),
        )

    assert "acme" == refused.value.metadata[TENANT]
    assert 3 == len(refused.value.metadata.attempts)
    assert "acme" == unreachable.value.metadata[TENANT]
    assert 2 == unreachable.value.attempts == len(unreachable.value.metadata.attempts)


async def test_an_error_that_replaces_another_has_the_facts_of_the_call(
    emulator: Emulator, client: Client
) -> None:
    async def replace(ctx: Context, input: Any, next: Any) -> Output:
        try:
            output: Output = await next(ctx, input)
        except ServiceError as error:
            raise _refusal() from error
        return output

    emulator.faults.add(service_unavailable(), times=3)
    with pytest.raises(ParamValidationError) as caught:
        await unary(client, adding("initialize", replace))

    error = caught.value
    assert (503, 3) == (error.http_status, error.attempts)
    assert error.request_id
    assert error.request_sent


class UnreadableFile(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


async def test_an_unreadable_body_file_has_the_operation(client: Client) -> None:
    with pytest.raises(ParamValidationError) as caught:
        await client.invoke_endpoint(endpoint_name="echo", body=UnreadableFile(b"abc"))

    assert "InvokeEndpoint" == caught.value.operation


async def test_an_exception_of_a_middleware_keeps_its_type(client: Client) -> None:
    raised = KeyError("tenant")

    async def fail(ctx: Context, input: Any, next: Any) -> Output:
        raise raised

    with pytest.raises(KeyError) as caught:
        await unary(client, adding("build", fail))

    assert caught.value is raised
    assert ["SageMaker Runtime InvokeEndpoint"] == raised.__notes__


async def test_a_cancellation_has_no_note(client: Client) -> None:
    raised = asyncio.CancelledError()

    async def cancel(ctx: Context, input: Any, next: Any) -> Output:
        raise raised

    with pytest.raises(asyncio.CancelledError) as caught:
        await unary(client, adding("build", cancel))

    assert caught.value is raised
    assert not hasattr(raised, "__notes__")


@pytest.mark.parametrize("step", STEPS)
async def test_a_middleware_that_replaces_the_output_keeps_the_facts(
    step: str, client: Client
) -> None:
    async def replace(ctx: Context, input: Any, next: Any) -> Output:
        await next(ctx, input)
        return Output(InvokeEndpointOutput(body=b"mine"))

    output = await client.invoke_endpoint(
        adding(step, replace), endpoint_name="echo", body=b"x"
    )

    assert (b"mine", 200, 1) == (
        output.body,
        output.http_status,
        len(output.metadata.attempts),
    )
    assert output.request_id


async def test_a_middleware_that_changes_the_result_keeps_the_facts(
    client: Client,
) -> None:
    async def shout(ctx: Context, input: Any, next: Any) -> Output:
        output: Output = await next(ctx, input)
        return attrs.evolve(output, result=attrs.evolve(output.result, body=b"X"))

    output = await client.invoke_endpoint(
        adding("initialize", shout), endpoint_name="echo", body=b"x"
    )

    assert (b"X", 200) == (output.body, output.http_status)
    assert output.request_id


@pytest.mark.parametrize("step", ["initialize", "finalize", "deserialize"])
async def test_a_result_that_calls_share_is_not_changed(
    step: str, client: Client
) -> None:
    shared = InvokeEndpointOutput(body=b"cached")
    cached = Output(shared, metadata=shared.metadata)

    async def answer(ctx: Context, input: Any, next: Any) -> Output:
        return cached

    async def tag(ctx: Context, input: Any, next: Any) -> Output:
        output: Output = await next(ctx, input)
        metadata = type(output.metadata)(output.metadata)
        metadata[TENANT] = ctx.params.custom_attributes
        return attrs.evolve(output, metadata=metadata)

    opts = adding(step, answer), adding("initialize", tag, first=True)
    outputs = await asyncio.gather(
        *(
            client.invoke_endpoint(
                *opts, endpoint_name="echo", body=b"x", custom_attributes=name
            )
            for name in "abc"
        )
    )

    assert ["a", "b", "c"] == [output.metadata[TENANT] for output in outputs]
    assert {} == shared.metadata


@pytest.mark.parametrize("step", ["finalize", "deserialize"])
@pytest.mark.parametrize("call", [unary, queued, stream])
async def test_the_input_is_known_in_every_step(
    call: Callable[..., Awaitable[object]], step: str, client: Client
) -> None:
    seen: list[object] = []

    async def rename(ctx: Context, input: Any, next: Any) -> Output:
        input.params = attrs.evolve(input.params, inference_id="i-1")
        output: Output = await next(ctx, input)
        return output

    async def look(ctx: Context, input: Any, next: Any) -> Output:
        seen.extend((ctx.operation, ctx.endpoint_name, ctx.params.inference_id))
        output: Output = await next(ctx, input)
        return output

    def swap(stack: Stack) -> None:
        serializer = stack.serialize.remove("OperationSerializer")
        stack.serialize.add(serializer, id="Own")

    await call(
        client,
        adding("initialize", rename),
        adding(step, look),
        with_api_options(swap),
    )

    assert [OPERATIONS[call], "echo", "i-1"] == seen


async def test_an_error_of_resolve_endpoint_has_the_operation() -> None:
    async with Client(environ={"HOME": "/nonexistent"}) as client:
        with pytest.raises(SageMakerRuntimeError) as caught:
            await client.resolve_endpoint()

    assert "InvokeEndpoint" == caught.value.operation


async def test_an_error_of_the_configuration_has_the_operation(tmp_path: Path) -> None:
    client = Client(environ={"HOME": str(tmp_path), "AWS_PROFILE": "gone"})

    with pytest.raises(SageMakerRuntimeError) as caught:
        await unary(client)

    assert "InvokeEndpoint" == caught.value.operation
