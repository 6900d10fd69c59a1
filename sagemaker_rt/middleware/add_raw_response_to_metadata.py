"""Deserialize: put the raw response into the metadata."""

from __future__ import annotations

from sagemaker_rt.context import RAW_RESPONSE, Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.observers import Observer
from sagemaker_rt.stack import DeserializeInput, Output

__all__ = ["AddRawResponseToMetadata"]


class AddRawResponseToMetadata(Observer[DeserializeInput]):
    """Set `RAW_RESPONSE` in the metadata of outputs and errors."""

    def on_output(self, ctx: Context, output: Output) -> None:  # noqa: ARG002 - of Observer
        if output.response is not None:
            output.metadata[RAW_RESPONSE] = output.response

    def on_error(self, ctx: Context, error: SageMakerRuntimeError) -> None:  # noqa: ARG002 - of Observer
        # set by OperationDeserializer, if there was a response
        if error.response is not None:
            error.metadata[RAW_RESPONSE] = error.response
