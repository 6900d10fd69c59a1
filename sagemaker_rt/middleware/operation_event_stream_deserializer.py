"""Deserialize: make a stream of the response's body."""

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.operations import MODELLED_ERRORS
from sagemaker_rt.response_stream import ResponseStream
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["OperationEventStreamDeserializer"]


class OperationEventStreamDeserializer:
    """Set the output's result to a `ResponseStream`, which owns the connection."""

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        output = await next(ctx, input)
        if output.response is not None:
            output.result = ResponseStream(
                output.result,
                output.response,
                operation=ctx.operation,
                known_errors=MODELLED_ERRORS,
            )
        return output
