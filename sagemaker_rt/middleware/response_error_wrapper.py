"""Deserialize: write the facts of the response on errors."""

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.observers import Observer
from sagemaker_rt.stack import DeserializeInput

__all__ = ["ResponseErrorWrapper"]


class ResponseErrorWrapper(Observer[DeserializeInput]):
    """Set `http_status` on errors that have a response, and add a note.

    The text of a service error contains status and request id already. The AWS SDK for
    Go wraps the error instead, and callers must unwrap it.
    """

    def on_error(self, ctx: Context, error: SageMakerRuntimeError) -> None:  # noqa: ARG002 - of Observer
        # set by OperationDeserializer, if there was a response
        if error.response is not None:
            error.http_status = error.response.status
            if not isinstance(error, ServiceError):
                error.add_note(
                    f"response: HTTP {error.http_status}, "
                    f"request id {error.request_id or 'unknown'}"
                )
