"""Deserialize: write the facts of the response on errors."""

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["ResponseErrorWrapper"]


class ResponseErrorWrapper:
    """Set `http_status` on errors that have a response, and add a note.

    The text of a service error contains status and request id already. The AWS SDK for
    Go wraps the error instead, and callers must unwrap it.
    """

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        try:
            return await next(ctx, input)
        except SageMakerRuntimeError as error:
            # set by OperationDeserializer, if there was a response
            if error.response is not None:
                error.http_status = error.response.status
                if not isinstance(error, ServiceError):
                    error.add_note(
                        f"response: HTTP {error.http_status}, "
                        f"request id {error.request_id or 'unknown'}"
                    )
            raise
