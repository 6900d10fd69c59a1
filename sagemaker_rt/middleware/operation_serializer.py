"""Serialize: write the input on the request: path, headers, body."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.http import FileBody
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.operations import Operation
from sagemaker_rt.sansio.request_serialization import compile_serializer
from sagemaker_rt.stack import Handler, Output, SerializeInput

__all__ = ["OperationSerializer"]


class OperationSerializer(BoundMiddleware[SerializeInput]):
    """Set path, headers and body of the request."""

    duration_metric: Final = DurationMetric(
        "client.call.serialization_duration", "before_next"
    )

    def __init__(self, operation: Operation) -> None:
        self._serialize = compile_serializer(operation.input, operation.path)

    def bind(self, next: Handler[SerializeInput]) -> Handler[SerializeInput]:
        serialize, with_file = self._serialize, self._with_file

        def handle(ctx: Context, input: SerializeInput) -> Awaitable[Output]:
            request = input.request
            serialize(input.params, request)
            if isinstance(request.body, FileBody):
                # only a file needs a coroutine, to release it after the call
                return with_file(request.body, ctx, input, next)
            return next(ctx, input)

        return handle

    async def _with_file(
        self,
        body: FileBody,
        ctx: Context,
        input: SerializeInput,
        next: Handler[SerializeInput],
    ) -> Output:
        """Reserve the file for this call until it has its response.

        Two calls that read one file at the same time would send parts of it.
        """
        with body.held():
            return await next(ctx, input)
