"""A bound middleware runs in a compiled step, and as any other middleware."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.stack import BuildInput, Handler, Output, Step
from tests.doubles import Wire

CONTEXT = Context("InvokeEndpoint")


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
async def test_a_step_binds_it_once_for_all_calls(*, calls_next_once: bool) -> None:
    tag, wire = Tag(), Wire[BuildInput]()
    step = Step("build", BuildInput)
    step.add(tag, calls_next_once=calls_next_once)
    requests = [Request(), Request()]

    handler = step.decorate(wire)
    for request in requests:
        await handler(CONTEXT, BuildInput(request))

    assert 1 == tag.bindings
    assert ["a", "a"] == [input.request.headers["x-tag"] for input in wire.inputs]
    is_handed_on = [input.request for input in wire.inputs] == requests
    assert calls_next_once is is_handed_on


async def test_it_is_a_middleware_of_context_input_and_next() -> None:
    wire = Wire[BuildInput]()
    request = Request()

    await Tag()(CONTEXT, BuildInput(request), wire)

    assert [request] == [input.request for input in wire.inputs]
    assert {"x-tag": "a"} == request.headers
