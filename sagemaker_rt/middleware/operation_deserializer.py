"""Deserialize: parse the response into the output, or raise a service error."""

from __future__ import annotations

from types import AsyncGeneratorType
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
from sagemaker_rt.sansio.response_deserialization import compile_deserializer
from sagemaker_rt.stack import DeserializeInput, Handler, Output

__all__ = ["OperationDeserializer"]

# of an error response; max_response_bytes is for outputs
_MAX_ERROR_BYTES: Final = 1 << 20


class OperationDeserializer:
    """Set the result of the output; the body is read whole unless it is a stream.

    The connection is released in all cases, except for a successful stream, which owns
    it from then on.

    Args:
        max_response_bytes: A larger body is an error; the rest of it is not read.

    Raises:
        ServiceError: The status is not 2xx.
        DeserializationError: A 2xx response cannot be parsed.
        TransportError: A timeout expired before the end of the body.
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
        if response is None:  # a middleware answered without sending
            return output
        output.metadata[HTTP_STATUS] = response.status
        try:
            if 200 <= response.status < 300:  # noqa: PLR2004 - the class of success
                # most bodies have been received with the headers: no need to wait
                body = b"" if self._is_stream else response.body.read_nowait()
                if body is None:
                    body = await response.body.read(self._limit)
                elif len(body) > self._limit:
                    raise _too_large(self._limit)  # noqa: TRY301 - the handler below releases the connection
                output.result = self._deserialize(response, body, output.metadata)
                return output
            from sagemaker_rt.sansio.error_responses import service_error  # noqa: PLC0415 - errors only

            body = await _read_error_body(response)
            raise service_error(response, body, MODELLED_ERRORS)  # noqa: TRY301 - the handler below releases the connection
        except BaseException as error:
            response.body.release()
            if isinstance(error, SageMakerRuntimeError):
                # what a middleware or a custom component has set on the error stays
                output.metadata.update(error.metadata)
                error.response, error.metadata = response, output.metadata
            if isinstance(error, TransportError):  # after the headers were received
                error.request_sent = error.may_have_executed = True
                error.is_retryable = False
            raise


def _too_large(limit: int) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"response body exceeds max_response_bytes: {limit}")


async def _read_error_body(response: Response) -> bytes:
    """Return the body of an error response, or what could be read of it.

    The status is worth more than the failure to read its explanation.
    """
    body = response.body.read_nowait()
    if body is not None:
        return body[:_MAX_ERROR_BYTES]
    read = bytearray()
    chunks = response.body.iter_chunks()
    try:
        async for chunk in chunks:
            read += chunk
            if len(read) >= _MAX_ERROR_BYTES:
                break
    except SageMakerRuntimeError:
        pass
    finally:
        if isinstance(chunks, AsyncGeneratorType):
            await chunks.aclose()
    return bytes(read[:_MAX_ERROR_BYTES])
