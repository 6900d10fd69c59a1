"""Deserialize: put the raw response into the metadata."""

from __future__ import annotations

from sagemaker_rt.context import RAW_RESPONSE, Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["AddRawResponseToMetadata"]


class AddRawResponseToMetadata:
    """Set `RAW_RESPONSE` in the metadata of outputs and errors."""

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            # set by OperationDeserializer, if there was a response
            if error.response is not None:
                error.metadata[RAW_RESPONSE] = error.response
            raise
        if output.response is not None:
            output.metadata[RAW_RESPONSE] = output.response
        return output
