from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest

from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    StackError,
)
from sagemaker_rt.hooks import Hook, hook
from sagemaker_rt.http import Request
from sagemaker_rt.step import Step
from sagemaker_rt.step_inputs import (
    BuildInput,
    InitializeInput,
    Output,
)
from tests.doubles import Wire


@hook(BuildInput)
def tag_region(ctx: Context, input: BuildInput) -> None:
    """A hook, which only changes the input."""
    input.request.headers["X-Region"] = "mars"


async def later(ctx: Context, input: BuildInput) -> None:
    """An async function, which a hook cannot await."""


class Later:
    """An object whose call is async."""

    async def __call__(self, ctx: Context, input: BuildInput) -> None:
        """Never run."""

    async def method(self, ctx: Context, input: BuildInput) -> None:
        """Never run."""


def generator(ctx: Context, input: BuildInput) -> Iterator[None]:
    yield


async def async_generator(ctx: Context, input: BuildInput) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(
    "function",
    [
        later,
        partial(later),
        Later(),
        partial(Later()),
        Later().method,
        generator,
        async_generator,
    ],
    ids=[
        "function",
        "partial",
        "object",
        "partial of an object",
        "method",
        "generator",
        "async generator",
    ],
)
def test_a_function_that_would_never_run_is_no_hook(function: Any) -> None:
    with pytest.raises(StackError, match=r"'Team' .*would never run.*async def Team"):
        hook(BuildInput, id="Team")(function)


@pytest.mark.parametrize(
    "function", [lambda ctx: None, lambda ctx, input, next: None, "tag"]
)
def test_a_hook_is_a_function_of_two_arguments(function: Any) -> None:
    with pytest.raises(
        StackError, match=r"'Team' must be a function of \(ctx, input\)"
    ):
        hook(BuildInput, id="Team")(function)


def test_a_hook_needs_an_input_type() -> None:
    decorator: Any = hook

    with pytest.raises(StackError, match=r"@hook\(BuildInput\)"):
        decorator(lambda ctx, input: None)(lambda ctx, input: None)


def test_a_hook_for_one_operation_is_for_its_step() -> None:
    @hook(InitializeInput[int])
    def read(ctx: Context, input: InitializeInput[int]) -> None:
        """Read the parameters."""

    step = Step("initialize", InitializeInput)
    step.add(read)

    assert ["read"] == list(step)


async def test_an_awaitable_from_a_hook_is_refused_without_a_warning() -> None:
    wire = Wire[BuildInput]()
    hidden: Any = lambda *args: later(*args)  # noqa: E731, PLW0108 - not seen to be async
    team: Hook[BuildInput] = hook(BuildInput, id="Team")(hidden)
    step = Step("build", BuildInput)
    step.add(team)
    ctx, input = Context("X"), BuildInput(Request())

    with pytest.raises(StackError, match=r"'Team' returned coroutine, which nobody"):
        await step.decorate(wire)(ctx, input)
    with pytest.raises(StackError, match=r"'Team' returned coroutine, which nobody"):
        await team(ctx, input, wire)

    assert [] == wire.inputs


async def test_another_result_of_a_hook_is_ignored() -> None:
    wire = Wire[BuildInput]()
    team: Hook[BuildInput] = hook(BuildInput)(
        lambda ctx, input: input.request.headers.update({"a": "b"}) or None
    )
    counting: Any = lambda ctx, input: 5  # noqa: E731 - a function of the test
    step = Step("build", BuildInput)
    step.add(team, id="Team")
    step.add(hook(BuildInput, id="Count")(counting))

    await step.decorate(wire)(Context("X"), BuildInput(Request()))

    assert {"a": "b"} == wire.inputs[0].request.headers


async def test_a_hook_runs_before_the_rest_of_the_call() -> None:
    wire = Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.add(tag_region)

    await step.decorate(wire)(Context("InvokeEndpoint"), BuildInput(Request()))

    assert {"X-Region": "mars"} == wire.inputs[0].request.headers


async def test_a_hook_can_be_called_like_any_middleware() -> None:
    wire = Wire[BuildInput]()

    await tag_region(Context("InvokeEndpoint"), BuildInput(Request()), wire)

    assert {"X-Region": "mars"} == wire.inputs[0].request.headers


async def test_a_hook_costs_no_coroutine() -> None:
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(Output())
    step = Step("build", BuildInput)
    step.add(tag_region)

    handler = step.decorate(lambda ctx, input: answer)

    assert answer is handler(Context("InvokeEndpoint"), BuildInput(Request()))


def test_the_id_of_a_hook_is_an_argument_or_the_name_of_its_function() -> None:
    named = hook(BuildInput, id="TeamHeader")(lambda ctx, input: None)

    assert ["tag_region", "TeamHeader"] == [tag_region.id, named.id]
