from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    DuplicateMiddlewareError,
    SageMakerRuntimeError,
    StackError,
    UnknownMiddlewareError,
)
from sagemaker_rt.hooks import hook
from sagemaker_rt.http import Request
from sagemaker_rt.observers import Observer
from sagemaker_rt.step import Step
from sagemaker_rt.step_inputs import (
    BuildInput,
    FinalizeInput,
    Handler,
    Middleware,
    Output,
)
from tests.doubles import ManualClock, Wire
from tests.middlewares import Timing, tag_region, tag_tenant


def step_of(*ids: str) -> Step[BuildInput]:
    """Return a step that has middlewares with these *ids*."""
    step = Step("build", BuildInput)
    for id in ids:
        step.add(tag_tenant, id=id)
    return step


def logs(log: list[str], name: str) -> Middleware[BuildInput]:
    """Return a middleware that logs when it is entered and left."""

    async def note(
        ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        log.append(f"{name} down")
        output = await next(ctx, input)
        log.append(f"{name} up")
        return output

    return note


async def end(ctx: Context, input: BuildInput) -> Output:
    return Output()


async def test_the_first_middleware_is_outermost() -> None:
    log: list[str] = []
    step = Step("build", BuildInput)
    step.add(logs(log, "a"), id="a")
    step.add(logs(log, "b"), id="b")

    await step.decorate(end)(Context("InvokeEndpoint"), BuildInput(Request()))

    assert ["a down", "b down", "b up", "a up"] == log


def test_a_hook_for_another_step_is_refused() -> None:
    step: Step[Any] = Step("finalize", FinalizeInput)

    with pytest.raises(StackError, match=r"'tag_region'.*BuildInput.*FinalizeInput"):
        step.add(tag_region)

    assert [] == list(step)


def test_an_id_is_an_argument_an_attribute_or_the_name() -> None:
    class Named(Timing):
        id = "NamedByItself"

    step = Step("finalize", FinalizeInput)
    step.add(Timing(ManualClock()))
    step.add(Named(ManualClock()))
    step.add(Timing(ManualClock()), id="Given")
    build = Step("build", BuildInput)
    build.add(tag_tenant)
    build.add(partial(tag_tenant))

    assert ["Timing", "NamedByItself", "Given"] == list(step)
    assert ["tag_tenant", "partial"] == list(build)


@pytest.mark.parametrize("id", [None, ""])
def test_a_middleware_without_a_name_needs_an_id(id: str | None) -> None:
    step = Step("build", BuildInput)

    with pytest.raises(StackError, match="id="):
        step.add(lambda ctx, input, next: next(ctx, input), id=id)


def test_a_duplicate_id_is_refused() -> None:
    step = step_of("a")

    with pytest.raises(DuplicateMiddlewareError, match=r"build.*'a'"):
        step.add(tag_tenant, id="a")

    assert ["a"] == list(step)


def test_a_middleware_is_added_last_first_before_or_after() -> None:
    step = step_of("b", "d")

    step.add(tag_tenant, id="e")
    step.add(tag_tenant, id="a", first=True)
    step.insert(tag_tenant, id="c", before="d")
    step.insert(tag_tenant, id="f", after="e")

    assert ["a", "b", "c", "d", "e", "f"] == list(step)


def test_insert_needs_either_before_or_after() -> None:
    step = step_of("a", "b")

    with pytest.raises(StackError, match="before=None and after=None"):
        step.insert(tag_tenant)
    with pytest.raises(StackError, match="before='b' and after='a'"):
        step.insert(tag_tenant, before="b", after="a")


def test_swap_keeps_the_position_and_returns_the_old_middleware() -> None:
    step = step_of("a")
    step.add(tag_region)
    step.add(tag_tenant, id="c")

    old = step.swap("tag_region", tag_tenant)

    assert tag_region is old
    assert ["a", "tag_tenant", "c"] == list(step)
    assert tag_tenant is step.get("tag_tenant")


def test_swap_can_keep_the_id() -> None:
    step = step_of("a", "b")

    step.swap("a", tag_region, new_id="a")

    assert ["a", "b"] == list(step)
    assert tag_region is step.get("a")


def test_a_failed_swap_changes_nothing() -> None:
    step = step_of("a", "b")

    with pytest.raises(DuplicateMiddlewareError):
        step.swap("a", tag_region, new_id="b")

    assert ["a", "b"] == list(step)
    assert tag_tenant is step.get("a")


def test_remove_returns_the_middleware() -> None:
    step = step_of("a", "b")

    removed = step.remove("a")

    assert tag_tenant is removed
    assert ["b"] == list(step)


def test_a_step_is_a_container_of_its_ids() -> None:
    step = step_of("a", "b")

    assert len(step) == 2
    assert "a" in step
    assert "z" not in step
    assert "Step('build', ['a', 'b'])" == repr(step)


def test_a_cleared_step_is_empty() -> None:
    step = step_of("a", "b")

    step.clear()

    assert [] == list(step)


@pytest.mark.parametrize(
    "edit",
    [
        lambda step, id: step.get(id),
        lambda step, id: step.remove(id),
        lambda step, id: step.swap(id, tag_tenant),
        lambda step, id: step.insert(tag_tenant, before=id),
        lambda step, id: step.insert(tag_tenant, after=id),
    ],
    ids=["get", "remove", "swap", "before", "after"],
)
def test_an_unknown_id_is_refused_with_a_suggestion(
    edit: Callable[[Step[BuildInput], str], object],
) -> None:
    step = step_of("Signing", "Retry")

    with pytest.raises(UnknownMiddlewareError, match=r"build.*'Sining'.*'Signing'"):
        edit(step, "Sining")
    with pytest.raises(UnknownMiddlewareError, match=r"'xyz'.*'Signing', 'Retry'"):
        edit(step, "xyz")


def off_step() -> Step[BuildInput]:
    """Return a step with two middlewares around a place."""
    step = Step("build", BuildInput)
    step.add(tag_tenant, id="a")
    step.reserve("off", "nobody needs it")
    step.add(tag_tenant, id="b")
    return step


def test_what_is_off_is_a_place_to_insert_at() -> None:
    step = off_step()

    step.insert(tag_tenant, id="after", after="off")
    step.insert(tag_tenant, id="before", before="off")
    step.insert(tag_tenant, id="nearest", after="off")

    assert ["a", "before", "nearest", "after", "b"] == list(step)


def test_what_is_off_is_not_in_the_step() -> None:
    step = off_step()

    assert "off" not in step
    assert (2, ["a", "b"]) == (len(step), list(step))
    assert "Step('build', ['a', 'b'])" == repr(step)


@pytest.mark.parametrize(
    "edit",
    [
        lambda step: step.get("off"),
        lambda step: step.remove("off"),
        lambda step: step.swap("off", tag_tenant),
    ],
    ids=["get", "remove", "swap"],
)
def test_what_is_off_cannot_be_read_and_the_error_says_why(
    edit: Callable[[Step[BuildInput]], object],
) -> None:
    step = off_step()

    with pytest.raises(
        UnknownMiddlewareError,
        match=r"'off' of build is off: nobody needs it; .*replace_or_add",
    ):
        edit(step)

    assert ["a", "b"] == list(step)


def test_the_id_of_what_is_off_can_be_taken() -> None:
    added, inserted, replaced, itself = (off_step() for _ in range(4))

    added.add(tag_tenant, id="off")
    inserted.insert(tag_tenant, id="off", before="a")
    replaced.replace_or_add(tag_tenant, id="off")
    itself.insert(tag_tenant, id="off", after="off")

    assert [
        ["a", "b", "off"],
        ["off", "a", "b"],
        ["a", "off", "b"],
        ["a", "off", "b"],
    ] == [list(step) for step in (added, inserted, replaced, itself)]
    with pytest.raises(DuplicateMiddlewareError):
        added.reserve("off", "again")


def test_what_was_removed_is_unknown() -> None:
    """To remove is the decision of a program, and not of the configuration."""
    step = off_step()
    step.remove("a")

    with pytest.raises(UnknownMiddlewareError, match="build has no 'a'"):
        step.insert(tag_tenant, id="c", after="a")

    step.clear()
    with pytest.raises(UnknownMiddlewareError, match="build has no 'off'"):
        step.insert(tag_tenant, id="c", after="off")


async def test_what_is_off_does_not_run() -> None:
    wire = Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.reserve("off", "nobody needs it")

    assert wire == step.decorate(wire)


def test_replace_or_add_replaces_in_place_or_adds() -> None:
    step = step_of("a", "b", "c")

    step.replace_or_add(tag_region, id="b")
    step.replace_or_add(tag_region)
    step.replace_or_add(tag_tenant, first=True)

    assert ["tag_tenant", "a", "b", "c", "tag_region"] == list(step)
    assert tag_region is step.get("b")


def test_the_error_for_a_duplicate_is_code_that_overrides() -> None:
    step = step_of("a")

    with pytest.raises(
        DuplicateMiddlewareError,
        match=r"stack\.build\.replace_or_add\(middleware, id='a'\)",
    ):
        step.add(tag_tenant, id="a")


def plain(ctx: Context, input: BuildInput, next: Handler[BuildInput]) -> Output:
    """Return an output, where an awaitable is needed."""
    return Output()


class Plain:
    """An object that returns an output."""

    def __call__(
        self, ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output[int]:
        """Return an output, where an awaitable is needed."""
        return Output(1)


async def yielding(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> AsyncIterator[Output]:
    yield await next(ctx, input)


@pytest.mark.parametrize(
    ("middleware", "problem"),
    [
        (Timing, r"a class; pass an instance, such as Timing\(\)"),
        (5, "is int, and not callable"),
        (yielding, "generator, so it would never run"),
        (partial(yielding), "generator, so it would never run"),
        (lambda ctx, input: None, r"accept \(ctx, input, next\).*use hook"),
        (hook(BuildInput), r"accept \(ctx, input, next\)"),
        (plain, "must be async: async def"),
        (Plain(), "must be async: async def"),
    ],
)
def test_what_cannot_run_is_refused_when_it_is_added(
    middleware: Any, problem: str
) -> None:
    step = step_of("a")

    expected = f"'Team' .*middleware of build: .*{problem}"
    with pytest.raises(StackError, match=expected):
        step.add(middleware, id="Team")
    with pytest.raises(StackError, match=expected):
        step.insert(middleware, id="Team", after="a")
    with pytest.raises(StackError, match=expected):
        step.swap("a", middleware, new_id="Team")
    with pytest.raises(StackError, match=expected):
        step.replace_or_add(middleware, id="Team")

    assert ["a"] == list(step)


async def test_a_plain_middleware_may_return_what_next_returns() -> None:
    wire = Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.add(lambda ctx, input, next: next(ctx, input), id="PassOn")

    output = await step.decorate(wire)(Context("X"), BuildInput(Request()))

    assert wire.output is output


@pytest.mark.parametrize("result", [None, Output()])
async def test_a_plain_middleware_that_returns_no_awaitable_is_refused(
    result: Any,
) -> None:
    step = Step("build", BuildInput)
    step.add(lambda ctx, input, next: result, id="Team")

    with pytest.raises(StackError, match=r"'Team' returned (NoneType|Output), which"):
        await step.decorate(end)(Context("X"), BuildInput(Request()))


@hook(BuildInput)
def append(ctx: Context, input: BuildInput) -> None:
    """Change the request so that a second run shows."""
    headers = input.request.headers
    headers["x-tag"] = f"{headers.get('x-tag', '')}a"


async def twice(ctx: Context, input: BuildInput, next: Handler[BuildInput]) -> Output:
    await next(ctx, input)
    return await next(ctx, input)


def twice_plain(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Awaitable[Output]:
    return twice(ctx, input, next)


async def twice_with_new_inputs(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    await next(ctx, BuildInput(input.request))
    return await next(ctx, BuildInput(input.request))


async def both_at_once(
    ctx: Context, input: BuildInput, next: Handler[BuildInput]
) -> Output:
    return (await asyncio.gather(next(ctx, input), next(ctx, input)))[0]


@pytest.mark.parametrize(
    "outer", [twice, twice_plain, twice_with_new_inputs, both_at_once]
)
async def test_each_call_of_next_hands_on_a_copy(
    outer: Middleware[BuildInput],
) -> None:
    wire = Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.add(outer)
    step.add(append)
    request = Request()

    await step.decorate(wire)(Context("X"), BuildInput(request))

    first, second = (input.request for input in wire.inputs)
    assert first is not second
    assert ["a", "a"] == [first.headers["x-tag"], second.headers["x-tag"]]
    assert {} == request.headers
    assert "a" == request.as_sent.headers["x-tag"]


async def test_what_a_middleware_changes_between_is_handed_on() -> None:
    async def number(
        ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        await next(ctx, input)
        input.request.headers["x-try"] = "2"
        return await next(ctx, input)

    wire = Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.add(number)
    step.add(append)

    await step.decorate(wire)(Context("X"), BuildInput(Request()))

    assert [{"x-tag": "a"}, {"x-tag": "a", "x-try": "2"}] == [
        input.request.headers for input in wire.inputs
    ]


@pytest.mark.parametrize(
    "place",
    [
        lambda step: step.add(tag_tenant, calls_next_once=True),
        lambda step: step.insert(tag_tenant, before="Place", calls_next_once=True),
    ],
    ids=["add", "insert"],
)
async def test_who_declares_to_call_next_once_hands_on_the_original(
    place: Callable[[Step[BuildInput]], None],
) -> None:
    wire = Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.reserve("Place", "only a place")
    place(step)
    request = Request()

    await step.decorate(wire)(Context("X"), BuildInput(request))

    assert request is wire.inputs[0].request


def test_a_frozen_step_cannot_be_edited() -> None:
    step = step_of("a")

    step.freeze()

    with pytest.raises(StackError, match="build is compiled"):
        step.add(tag_tenant)
    with pytest.raises(StackError, match="build is compiled"):
        step.reserve("off", "nobody needs it")


async def test_a_hook_that_returns_a_coroutine_fails_the_call() -> None:
    async def later() -> None:
        """Never run."""

    returned: Any = lambda ctx, input: later()  # noqa: E731 - it is not async itself
    step = Step("build", BuildInput)
    step.add(hook(BuildInput, id="Team")(returned))

    with pytest.raises(StackError, match="'Team' returned coroutine"):
        await step.decorate(end)(Context("X"), BuildInput(Request()))


@pytest.mark.parametrize("wrong", [None, "text", BuildInput("text")])  # type: ignore[arg-type] # what is tested
async def test_another_input_for_next_is_refused(wrong: Any) -> None:
    async def careless(
        ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        return await next(ctx, wrong)

    step = Step("build", BuildInput)
    step.add(careless)

    with pytest.raises(StackError, match=f"'careless'.*{type(wrong).__name__}"):
        await step.decorate(Wire[BuildInput]())(
            Context("InvokeEndpoint"), BuildInput(Request())
        )


class Tag(BoundMiddleware[BuildInput]):
    """Counts how often it is bound, and writes a header."""

    bindings = 0

    def bind(self, next: Handler[BuildInput]) -> Handler[BuildInput]:
        self.bindings += 1

        def handle(ctx: Context, input: BuildInput) -> Awaitable[Output]:
            input.request.headers["x-tag"] = "a"
            return next(ctx, input)

        return handle


@pytest.mark.parametrize("calls_next_once", [True, False])
async def test_a_bound_middleware_is_bound_once_for_all_calls(
    *, calls_next_once: bool
) -> None:
    tag, wire = Tag(), Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.add(tag, calls_next_once=calls_next_once)
    requests = [Request(), Request()]

    handler = step.decorate(wire)
    for request in requests:
        await handler(Context("InvokeEndpoint"), BuildInput(request))

    assert 1 == tag.bindings
    assert ["a", "a"] == [input.request.headers["x-tag"] for input in wire.inputs]
    is_original = [input.request for input in wire.inputs] == requests
    assert calls_next_once is is_original


class Named(Observer[BuildInput]):
    """Records its name for each output."""

    def __init__(self, id: str, seen: list[str]) -> None:
        self.id = id
        self._seen = seen

    def on_output(self, ctx: Context, output: Output) -> None:
        self._seen.append(self.id)

    def on_error(self, ctx: Context, error: SageMakerRuntimeError) -> None:
        self._seen.append(f"error in {self.id}")


async def test_observers_and_other_middlewares_run_in_their_order() -> None:
    seen: list[str] = []

    async def between(
        ctx: Context, input: BuildInput, next: Handler[BuildInput]
    ) -> Output:
        output = await next(ctx, input)
        seen.append("between")
        return output

    async def end(ctx: Context, input: BuildInput) -> Output:
        return Output()

    step = Step("build", BuildInput)
    for middleware in (Named("a", seen), Named("b", seen), between, Named("c", seen)):
        step.add(middleware)

    await step.decorate(end)(Context("InvokeEndpoint"), BuildInput(Request()))

    assert ["c", "between", "b", "a"] == seen
