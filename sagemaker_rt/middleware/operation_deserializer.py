"""Deserialize: read the response, or raise the error that it is."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.context import HTTP_STATUS, Context
from sagemaker_rt.errors import (
    ResponseTooLargeError,
    SageMakerRuntimeError,
    TransportError,
)
from sagemaker_rt.http import Response
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.operations import MODELLED_ERRORS, Operation
from sagemaker_rt.sansio.error_responses import service_error
from sagemaker_rt.sansio.response_deserialization import compile_deserializer
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["OperationDeserializer"]

_MAX_ERROR_BYTES: Final = 1 << 20


class OperationDeserializer:
    """Set the output's result, with the whole body unless the answer is a stream.

    The connection of every response but a good stream's is free again afterwards,
    whatever happens.

    Args:
        max_response_bytes: A larger body is an error, and is not read on.

    Raises:
        ServiceError: The status is not 2xx.
        DeserializationError: A good response cannot be read.
        TransportError: The body did not come to its end in time.
    """

    duration_metric: Final = DurationMetric(
        "client.call.deserialization_duration", "after_next"
    )

    def __init__(self, operation: Operation, *, max_response_bytes: int) -> None:
        self._deserialize = compile_deserializer(operation.output)
        self._is_stream = operation.is_stream
        self._limit = max_response_bytes

    async def __call__(
        self, ctx: Context, input: DeserializeInput, next: Handler[DeserializeInput]
    ) -> Output:
        output = await next(ctx, input)
        response = output.response
        if response is None:  # a middleware answered in the wire's place
            return output
        output.metadata[HTTP_STATUS] = response.status
        try:
            if 200 <= response.status < 300:  # noqa: PLR2004 - what HTTP calls success
                body = b"" if self._is_stream else response.body.read_nowait()
                if body is None:
                    body = await response.body.read(self._limit)
                elif len(body) > self._limit:
                    raise _too_large(self._limit)  # noqa: TRY301 - released below
                output.result = self._deserialize(response, body, output.metadata)
                return output
            body = await _read_error_body(response)
            raise service_error(response, body, MODELLED_ERRORS)  # noqa: TRY301 - as well
        except BaseException as error:
            response.body.release()
            if isinstance(error, SageMakerRuntimeError):
                error.response, error.metadata = response, output.metadata
            if isinstance(error, TransportError):  # but a good head had come
                error.request_sent = error.may_have_executed = True
                error.is_retryable = False
            raise


def _too_large(limit: int) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"response body is larger than {limit} bytes")


async def _read_error_body(response: Response) -> bytes:
    """Return what can be had of an error's body: the status counts more than it."""
    try:
        return await response.body.read(_MAX_ERROR_BYTES)
    except SageMakerRuntimeError:
        return b""
