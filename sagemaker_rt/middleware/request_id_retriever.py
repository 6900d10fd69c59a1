"""Deserialize: read the request id from the response headers."""

from __future__ import annotations

from sagemaker_rt.context import REQUEST_ID, Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["RequestIDRetriever"]


class RequestIDRetriever:
    """Set `REQUEST_ID` in the metadata, and `request_id` on errors."""

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            # set by OperationDeserializer, if there was a response
            if error.response is not None:
                error.request_id = request_id(error.response.headers.lower)
                if error.request_id:
                    error.metadata[REQUEST_ID] = error.request_id
            raise
        if output.response is not None:
            id = request_id(output.response.headers.lower)
            if id is not None:
                output.metadata[REQUEST_ID] = id
        return output
