"""What authors of middleware rely on, over sockets against the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from attrs import evolve

from sagemaker_rt import (
    AnonymousCredentials,
    BuildInput,
    Client,
    Context,
    Credentials,
    Handler,
    InitializeInput,
    InvokeEndpointInput,
    Key,
    OptionsError,
    Output,
    ServiceError,
    Stack,
    StackError,
    hook,
    with_api_options,
    with_context_value,
)
from sagemaker_rt.emulator import Emulator

KEYS: Final = Credentials("AKIDEXAMPLE", "shh")
CALL: Final[Any] = {"endpoint_name": "echo", "body": b"a long body " * 2000}
TENANT: Key[str] = Key("tenant")
STEPS: Final = ("initialize", "serialize", "build", "finalize", "deserialize")

Invoke = InitializeInput[InvokeEndpointInput]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(credentials=KEYS) as emulator:
        yield emulator


def client(emulator: Emulator, **fields: Any) -> Client:
    options = {
        "region": "us-east-1",
        "credentials": KEYS,
        "endpoint_url": emulator.url,
        "environ": {},
    }
    return Client(**{**options, **fields})


async def in_turn(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    await next(ctx, input)
    return await next(ctx, input)


async def at_once(ctx: Context, input: Any, next: Handler[Any]) -> Output:
    return (await asyncio.gather(next(ctx, input), next(ctx, input)))[1]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("repeat", [in_turn, at_once])
async def test_both_requests_of_a_step_that_calls_next_twice_are_whole(
    emulator: Emulator, step: str, repeat: Any
) -> None:
    option = with_api_options(
        lambda stack: getattr(stack, step).add(repeat, first=True)
    )
    async with client(
        emulator, request_compression="gzip", user_agent_extra="team/1"
    ) as caller:
        await caller.invoke_endpoint(**CALL)
        output = await caller.invoke_endpoint(option, **CALL)

    # the emulator verified the signatures of all three
    one, first, second = emulator.requests
    assert one.body == output.body
    for request in (first, second):
        assert one.body == request.body
        assert one.headers.keys() == request.headers.keys()
        assert {"gzip"} == {request.headers["content-encoding"]}
        assert one.headers["user-agent"] == request.headers["user-agent"]


async def test_each_call_tells_its_tenant_to_the_model(emulator: Emulator) -> None:
    async def tag(ctx: Context, input: Invoke, next: Handler[Invoke]) -> Output:
        attributes = f"tenant={ctx.get(TENANT, 'none')}"
        params = evolve(input.params, custom_attributes=attributes)
        return await next(ctx, InitializeInput(params))

    tenants = [f"t{number}" for number in range(20)]
    async with client(
        emulator, api_options=[lambda stack: stack.initialize.add(tag)]
    ) as caller:
        await asyncio.gather(
            *(
                caller.invoke_endpoint(with_context_value(TENANT, one), **CALL)
                for one in tenants
            )
        )
        await caller.invoke_endpoint(**CALL)

    name = "x-amzn-sagemaker-custom-attributes"
    seen = [request.headers[name] for request in emulator.requests]
    assert sorted(["tenant=none", *(f"tenant={one}" for one in tenants)]) == sorted(
        seen
    )


async def test_one_edit_serves_signed_and_anonymous_callers(
    emulator: Emulator,
) -> None:
    @hook(BuildInput, id="Tag")
    def tag(_: Context, input: BuildInput) -> None:
        input.request.headers["x-tag"] = "tagged"

    def edit(stack: Stack) -> None:
        stack.build.insert(tag, after="ComputePayloadHash")

    async with client(emulator, api_options=[edit]) as caller:
        await caller.invoke_endpoint(**CALL)
        with pytest.raises(ServiceError) as refused:
            await caller.with_options(
                credentials=AnonymousCredentials()
            ).invoke_endpoint(**CALL)

    assert refused.value.http_status == 403
    assert ["tagged", "tagged"] == [r.headers["x-tag"] for r in emulator.requests]


async def test_async_functions_that_would_not_run_are_refused_before_sending(
    emulator: Emulator,
) -> None:
    async def edit(stack: Stack) -> None:
        """Never run."""

    async def change(options: object) -> object:
        return options

    untyped: Any = client(emulator)
    async with untyped as caller:
        for refused in (
            lambda: client(emulator, api_options=[edit]),
            lambda: caller.with_options(api_options=[edit]),
            lambda: caller.with_options(change),
        ):
            with pytest.raises(OptionsError):
                refused()
        with pytest.raises(OptionsError, match="a plain function"):
            await caller.invoke_endpoint(change, **CALL)
        with pytest.raises(StackError, match="returned coroutine"):
            await caller.with_options(
                api_options=[lambda stack: edit(stack)]  # noqa: PLW0108 - hidden
            ).invoke_endpoint(**CALL)

    assert [] == list(emulator.requests)
