"""Finalize: record the metrics of each attempt."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Final

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.observability.instruments import counter, histogram
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.stack import FinalizeInput, Handler, Output

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

__all__ = ["AttemptMetrics"]


class AttemptMetrics:
    """Count attempts, and record their durations and times to first byte.

    A failure before the start of an attempt is not counted: a pool timeout, or the rate
    limit of the ``adaptive`` mode.
    """

    id: Final = "AttemptMetrics"

    def __init__(
        self, meter: Meter, operation: str, *, time: Callable[[], float] = perf_counter
    ) -> None:
        self._time: Final = time
        self._attributes: Final = {"rpc.service": SERVICE_ID, "rpc.method": operation}
        self._attempts = counter(
            meter, "client.call.attempts", "{attempt}", "Attempts that were started."
        )
        self._duration = histogram(
            meter,
            "client.call.attempt_duration",
            "An attempt, with its response body unless that is a stream.",
        )
        self._first_byte = histogram(
            meter,
            "client.http.time_to_first_byte",
            "From the start of connecting to the headers of the response.",
        )

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        started_at = self._time()
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            if error.counts_as_attempt:
                self._record(started_at, error.metadata)
            raise
        except BaseException:  # also a cancellation
            self._record(started_at, None)
            raise
        self._record(started_at, output.metadata)
        return output

    def _record(self, started_at: float, metadata: Metadata | None) -> None:
        self._attempts.add(1, self._attributes)
        self._duration.record(self._time() - started_at, self._attributes)
        if metadata is None:
            return
        sent_at, response_at = metadata.sent_at, metadata.response_at
        if sent_at is not None and response_at is not None:
            # the clock is not monotonic: it may have been set back in between
            self._first_byte.record(max(0.0, response_at - sent_at), self._attributes)
