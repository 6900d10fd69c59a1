"""Deserialize: tell errors about the response that they came with."""

from __future__ import annotations

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["ResponseErrorWrapper"]


class ResponseErrorWrapper:
    """Note status and request id on an error that a response was read with.

    A service error says both in its own text. (The AWS SDK for Go wraps the error
    instead, and callers must unwrap it.)
    """

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        try:
            return await next(ctx, input)
        except SageMakerRuntimeError as error:
            if error.response is not None:
                error.http_status = error.response.status
                if not isinstance(error, ServiceError):
                    error.add_note(
                        f"response: HTTP {error.http_status}, "
                        f"request id {error.request_id or 'unknown'}"
                    )
            raise
