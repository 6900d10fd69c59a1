"""Finalize: measure the attempt."""

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
    """Count the attempts, and measure how long each took, and its response's head.

    What waited for leave to begin, and did not get it, is no attempt.
    """

    id: Final = "AttemptMetrics"

    def __init__(
        self, meter: Meter, operation: str, *, time: Callable[[], float] = perf_counter
    ) -> None:
        self._time: Final = time
        self._attributes: Final = {"rpc.service": SERVICE_ID, "rpc.method": operation}
        self._attempts = counter(
            meter, "client.call.attempts", "{attempt}", "Attempts that were begun."
        )
        self._duration = histogram(
            meter,
            "client.call.attempt_duration",
            "An attempt, with its body unless that is a stream.",
        )
        self._first_byte = histogram(
            meter,
            "client.http.time_to_first_byte",
            "From an attempt's request, with its connection, to the response's head.",
        )

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        began = self._time()
        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            if error.counts_as_attempt:
                self._record(began, error.metadata)
            raise
        except BaseException:  # cancelled, too
            self._record(began, None)
            raise
        self._record(began, output.metadata)
        return output

    def _record(self, began: float, metadata: Metadata | None) -> None:
        self._attempts.add(1, self._attributes)
        self._duration.record(self._time() - began, self._attributes)
        if metadata is None:
            return
        sent_at, response_at = metadata.sent_at, metadata.response_at
        if sent_at is not None and response_at is not None:
            # they are by the clock, which may have been set in between
            self._first_byte.record(max(0.0, response_at - sent_at), self._attributes)
