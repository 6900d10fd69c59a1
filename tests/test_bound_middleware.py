"""A bound middleware is also a middleware of context, input and next."""

from __future__ import annotations

from collections.abc import Awaitable

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.http import Request
from sagemaker_rt.stack import BuildInput, Handler, Output
from tests.doubles import Wire


class Tag(BoundMiddleware[BuildInput]):
    """Writes a header."""

    def bind(self, next: Handler[BuildInput]) -> Handler[BuildInput]:
        def handle(ctx: Context, input: BuildInput) -> Awaitable[Output]:
            input.request.headers["x-tag"] = "a"
            return next(ctx, input)

        return handle


async def test_it_can_be_called_with_the_rest_of_the_call() -> None:
    wire = Wire[BuildInput]()
    request = Request()

    await Tag()(Context("InvokeEndpoint"), BuildInput(request), wire)

    assert [request] == [input.request for input in wire.inputs]
    assert {"x-tag": "a"} == request.headers
