"""Deserialize: read the request id from the response headers."""

from __future__ import annotations

from sagemaker_rt.context import REQUEST_ID, Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.observers import Observer
from sagemaker_rt.sansio.response_deserialization import request_id
from sagemaker_rt.stack import DeserializeInput, Output

__all__ = ["RequestIDRetriever"]


class RequestIDRetriever(Observer[DeserializeInput]):
    """Set `REQUEST_ID` in the metadata, and `request_id` on errors."""

    def on_output(self, ctx: Context, output: Output) -> None:  # noqa: ARG002 - of Observer
        if output.response is not None:
            id = request_id(output.response.headers.lower)
            if id is not None:
                output.metadata[REQUEST_ID] = id

    def on_error(self, ctx: Context, error: SageMakerRuntimeError) -> None:  # noqa: ARG002 - of Observer
        # set by OperationDeserializer, if there was a response
        if error.response is not None:
            error.request_id = request_id(error.response.headers.lower)
            if error.request_id:
                error.metadata[REQUEST_ID] = error.request_id
