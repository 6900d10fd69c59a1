"""The facts of a streamed response that are known from its headers."""

from __future__ import annotations

from typing import Final

from sagemaker_rt.context import Metadata
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.http import Response
from sagemaker_rt.sansio.stream_timing import STREAM_TIMING, StreamTiming
from sagemaker_rt.shapes import InvokeEndpointWithResponseStreamOutput

__all__ = ["StreamFacts", "describe_error"]


class StreamFacts:
    """The members of the output of a stream, as attributes."""

    def __init__(
        self, output: InvokeEndpointWithResponseStreamOutput, timing: StreamTiming
    ) -> None:
        self.output: Final = output
        """The response headers; its members are attributes of the stream too."""
        self._timing: Final = timing
        output.metadata[STREAM_TIMING] = timing

    @property
    def timing(self) -> StreamTiming:
        """The times to the first part and the first text, and between parts.

        `metadata` has it as `STREAM_TIMING`.
        """
        return self._timing

    @property
    def content_type(self) -> str | None:
        """MIME type of the concatenated parts."""
        return self.output.content_type

    @property
    def invoked_production_variant(self) -> str | None:
        """Name of the variant that was invoked."""
        return self.output.invoked_production_variant

    @property
    def custom_attributes(self) -> str | None:
        """Attributes that the container added; sensitive."""
        return self.output.custom_attributes

    @property
    def metadata(self) -> Metadata:
        """Request id, status, attempts, endpoint, times, and values of middleware."""
        return self.output.metadata

    @property
    def http_status(self) -> int | None:
        """HTTP status of the response."""
        return self.output.http_status

    @property
    def request_id(self) -> str | None:
        """The request id, which the service assigned."""
        return self.output.request_id


def describe_error(
    error: SageMakerRuntimeError,
    stream: StreamFacts,
    operation: str,
    response: Response,
) -> None:
    """Set the facts of the call of *stream* on *error*; the model has been invoked."""
    error.request_sent = error.may_have_executed = True
    error.is_retryable = False
    error.operation = operation
    # what the transport or a function of the caller's has set on the error stays
    metadata = stream.metadata
    metadata.update(error.metadata)
    error.response, error.metadata = response, metadata
    error.http_status = stream.http_status
    error.request_id = stream.request_id
    error.attempts = len(metadata.attempts)
    if not isinstance(error, ServiceError):  # whose text has this already
        error.add_note(
            f"response: HTTP {error.http_status}, "
            f"request id {error.request_id or 'unknown'}"
        )
