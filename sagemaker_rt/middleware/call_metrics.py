"""Initialize: record the metrics of each call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Final

from sagemaker_rt.context import Context
from sagemaker_rt.observability.generation_metrics import GenerationMetrics
from sagemaker_rt.observability.instruments import counter, error_type, histogram
from sagemaker_rt.operations import (
    INVOKE_ENDPOINT_WITH_RESPONSE_STREAM,
    SERVICE_ID,
)
from sagemaker_rt.stack import Handler, InitializeInput, Output
from sagemaker_rt.streaming.response_stream import ResponseStream
from sagemaker_rt.streaming.stream_end import stream_of

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

__all__ = ["CallMetrics"]


class CallMetrics:
    """Record the duration of calls, and count failed and cancelled calls.

    A streaming call ends when the response headers are received. The time from then to
    the end of the stream is a separate metric. Streams also have the metrics of
    generative AI: see `GenerationMetrics`.
    """

    id: Final = "CallMetrics"

    def __init__(
        self, meter: Meter, operation: str, *, time: Callable[[], float] = perf_counter
    ) -> None:
        self.meter: Final = meter
        """The meter, with which edits of the stack make further instruments."""
        self._time: Final = time
        self._attributes: Final = {"rpc.service": SERVICE_ID, "rpc.method": operation}
        self._duration = histogram(
            meter, "client.call.duration", "A call, with all attempts and delays."
        )
        self._stream_duration = histogram(
            meter,
            "client.call.stream_duration",
            "A stream, from the response headers to its end.",
        )
        self._errors = counter(
            meter, "client.call.errors", "{error}", "Calls that failed."
        )
        is_stream = operation == INVOKE_ENDPOINT_WITH_RESPONSE_STREAM.name
        self._generation = GenerationMetrics(meter, time) if is_stream else None

    async def __call__(
        self, ctx: Context, input: InitializeInput, next: Handler[InitializeInput]
    ) -> Output:
        started_at = self._time()
        try:
            output = await next(ctx, input)
        except BaseException as error:
            self._count(error)
            if self._generation is not None:
                self._generation.record_failure(started_at, input.params, error)
            raise
        finally:
            now = self._time()
            self._duration.record(now - started_at, self._attributes)
        # at now, the headers of the response have been received
        result = output.result
        stream = stream_of(ctx, result)
        if stream is not None:
            stream.when_ended(partial(self._record_stream, now))
        if self._generation is not None and isinstance(result, ResponseStream):
            self._generation.watch(started_at, input.params, result)
        return output

    def _record_stream(
        self, started_at: float, _: object, error: BaseException | None
    ) -> None:
        self._stream_duration.record(self._time() - started_at, self._attributes)
        if error is not None:
            self._count(error)

    def _count(self, error: BaseException) -> None:
        self._errors.add(1, {**self._attributes, "error.type": error_type(error)})
