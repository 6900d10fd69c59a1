from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sagemaker_rt.context import Context, Key
from sagemaker_rt.errors import (
    StackError,
)
from sagemaker_rt.http import Request
from sagemaker_rt.stack import (
    BuildInput,
    DeserializeInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Middleware,
    Output,
    SerializeInput,
    Stack,
    Step,
    hook,
)
from tests.doubles import ManualClock, Wire
from tests.middlewares import LATENCY, Timing, tag_region, tag_tenant

TENANT: Key[str] = Key("tenant")


async def end(ctx: Context, input: BuildInput) -> Output:
    return Output()


async def test_a_middleware_can_be_called_without_a_stack() -> None:
    wire = Wire[BuildInput]()

    await tag_tenant(Context("InvokeEndpoint"), BuildInput(Request()), wire)

    assert {"X-Tenant": "acme"} == wire.inputs[0].request.headers


async def test_a_middleware_adds_to_the_metadata() -> None:
    clock = ManualClock()

    async def end(ctx: Context, input: FinalizeInput) -> Output:
        clock.advance(0.25)
        return Output()

    ctx, input = Context("InvokeEndpoint"), FinalizeInput(Request())
    output = await Timing(clock)(ctx, input, end)

    assert output.metadata[LATENCY] == 0.25


async def test_a_middleware_can_return_without_calling_next() -> None:
    async def cached(
        ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
    ) -> Output:
        return Output(result=input.params * 2)

    stack, wire = Stack(), Wire[DeserializeInput]()
    stack.initialize.add(cached)
    output = await stack.decorate(wire)(Context("InvokeEndpoint"), InitializeInput(21))

    assert output.result == 42
    assert [] == wire.inputs


async def test_a_context_value_is_seen_by_inner_middlewares_only() -> None:
    seen: dict[str, str | None] = {}

    def look(name: str) -> Middleware[BuildInput]:
        async def looker(
            ctx: Context, input: BuildInput, next: Handler[BuildInput]
        ) -> Output:
            output = await next(ctx, input)
            seen[name] = ctx.get(TENANT)
            return output

        return looker

    async def set_tenant(
        ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        return await next(ctx.with_value(TENANT, "acme"), input)

    step = Step("build", BuildInput)
    step.add(look("above"), id="above")
    step.add(set_tenant)
    step.add(look("below"), id="below")
    await step.decorate(end)(Context("InvokeEndpoint"), BuildInput(Request()))

    assert {"above": None, "below": "acme"} == seen


async def test_inputs_go_down_the_steps_and_one_output_comes_up() -> None:
    log: list[str] = []
    stack, wire = Stack(), Wire[DeserializeInput]()
    for step in stack.steps:

        async def note(
            ctx: Context, input: object, next: Handler[object], name: str = step.name
        ) -> Output:
            log.append(f"{name} {type(input).__name__}")
            output = await next(ctx, input)
            log.append(name)
            return output

        step.add(note)

    output = await stack.decorate(wire)(Context("InvokeEndpoint"), InitializeInput({}))

    assert wire.output is output
    assert [
        "initialize InitializeInput",
        "serialize SerializeInput",
        "build BuildInput",
        "finalize FinalizeInput",
        "deserialize DeserializeInput",
        "deserialize",
        "finalize",
        "build",
        "serialize",
        "initialize",
    ] == log


async def test_serialize_gets_the_params_and_the_request_that_is_sent() -> None:
    requests: list[Request] = []

    @hook(SerializeInput)
    def write_path(ctx: Context, input: SerializeInput) -> None:
        input.request.path = f"/{input.params}"
        requests.append(input.request)

    stack, wire = Stack(), Wire[DeserializeInput]()
    stack.serialize.add(write_path)
    await stack.decorate(wire)(Context("InvokeEndpoint"), InitializeInput("m"))

    assert "/m" == wire.inputs[0].request.path
    assert requests[0] is wire.inputs[0].request


async def test_an_error_propagates_through_all_middlewares() -> None:
    log: list[str] = []

    async def watch(
        ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        try:
            return await next(ctx, input)
        except KeyError:
            log.append("seen")
            raise

    async def fail(ctx: Context, input: BuildInput) -> Output:
        raise KeyError

    step = Step("build", BuildInput)
    step.add(watch)

    with pytest.raises(KeyError):
        await step.decorate(fail)(Context("InvokeEndpoint"), BuildInput(Request()))
    assert ["seen"] == log


async def test_an_empty_stack_only_sends() -> None:
    wire = Wire[DeserializeInput]()

    output = await Stack().decorate(wire)(Context("X"), InitializeInput(None))

    assert wire.output is output
    assert ["X"] == [ctx.operation for ctx in wire.contexts]


def test_steps_do_not_share_ids() -> None:
    stack = Stack()

    stack.build.add(tag_tenant, id="a")
    stack.finalize.add(Timing(ManualClock()), id="a")

    assert "a" in stack.build
    assert "a" in stack.finalize


@pytest.mark.parametrize(
    "edit",
    [
        lambda step: step.add(tag_tenant),
        lambda step: step.insert(tag_tenant, before="a"),
        lambda step: step.swap("a", tag_tenant),
        lambda step: step.remove("a"),
        lambda step: step.clear(),
    ],
    ids=["add", "insert", "swap", "remove", "clear"],
)
def test_a_compiled_stack_cannot_be_edited(
    edit: Callable[[Step[BuildInput]], object],
) -> None:
    stack = Stack()
    stack.build.add(tag_tenant, id="a")
    stack.decorate(Wire[DeserializeInput]())

    with pytest.raises(StackError, match="with_api_options"):
        edit(stack.build)

    assert ["a"] == list(stack.build)


async def test_a_stack_can_be_compiled_twice() -> None:
    stack = Stack()
    stack.build.add(tag_tenant)
    first, second = Wire[DeserializeInput](), Wire[DeserializeInput]()

    handlers = [stack.decorate(first), stack.decorate(second)]
    outputs = [await run(Context("X"), InitializeInput(None)) for run in handlers]

    assert [first.output, second.output] == outputs
    assert [1, 1] == [len(first.inputs), len(second.inputs)]


async def test_calls_do_not_change_the_stack() -> None:
    stack, wire = Stack(), Wire[DeserializeInput]()
    stack.build.add(tag_tenant)
    stack.finalize.add(Timing(ManualClock()))
    handler = stack.decorate(wire)
    before = (stack.list(), [vars(step).copy() for step in stack.steps])

    for _ in range(3):
        await handler(Context("InvokeEndpoint"), InitializeInput(None))

    assert before == (stack.list(), [vars(step) for step in stack.steps])


async def test_concurrent_calls_have_separate_requests() -> None:
    @hook(SerializeInput)
    def write_path(ctx: Context, input: SerializeInput) -> None:
        input.request.path = input.params

    async def send(ctx: Context, input: DeserializeInput) -> Output:
        await asyncio.sleep(0)
        return Output(result=input.request.path)

    stack = Stack()
    stack.serialize.add(write_path)
    handler = stack.decorate(send)

    async def call(path: str) -> object:
        return (await handler(Context("X"), InitializeInput(path))).result

    async with asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(call(f"/{n}")) for n in range(20)]

    assert [f"/{n}" for n in range(20)] == [call.result() for call in calls]


def test_a_stack_prints_its_ids_by_step() -> None:
    stack = Stack()
    stack.build.add(tag_tenant)
    stack.build.add(tag_region)
    stack.finalize.add(Timing(ManualClock()))

    printed = """\
initialize
serialize
build
  tag_tenant
  tag_region
finalize
  Timing
deserialize"""

    assert printed == str(stack)
    assert printed.split() == stack.list()
