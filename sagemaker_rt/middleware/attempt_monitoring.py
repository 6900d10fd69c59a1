"""Finalize: report each attempt to a client-side monitoring agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError, TransportError
from sagemaker_rt.http import Response
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.checked_clock import checked_clock
from sagemaker_rt.sansio.client_side_monitoring import (
    MonitoredAttempt,
    MonitoredClient,
    attempt_datagram,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["AttemptMonitoring"]

_NO_HEADERS: Final[Mapping[str, str]] = {}


class AttemptMonitoring:
    """Publish one datagram per attempt.

    Attempts that were cancelled, or failed before they started, are not reported.

    Args:
        monitored: Facts that all datagrams contain.
        publish: Sends a datagram to the agent; it must not wait.
        clock: Returns seconds since the epoch, for the start of an attempt.
        time: Returns seconds of a monotonic clock, for the duration.
    """

    id: Final = "AttemptMonitoring"

    def __init__(
        self,
        monitored: MonitoredClient,
        publish: Callable[[bytes], None],
        clock: Clock,
        *,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self._monitored: Final = monitored
        self._publish: Final = publish
        self._clock: Final = checked_clock(clock)
        self._time: Final = time

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        timestamp, started_at = self._clock(), self._time()

        def report(response: Response | None, error: Exception | None) -> None:
            request = input.request.as_sent
            attempt = MonitoredAttempt(
                started_at=timestamp,
                duration=self._time() - started_at,
                host=None if request.endpoint is None else request.endpoint.host,
                request_headers=request.headers.lower,
                status=None if response is None else response.status,
                response_headers=_NO_HEADERS
                if response is None
                else response.headers.lower,
                error=error,
            )
            # None if it exceeds the size of a datagram
            datagram = attempt_datagram(self._monitored, ctx.operation, attempt)
            if datagram is not None:
                self._publish(datagram)

        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            # without a response, only failures of the exchange itself are reported
            is_lost = isinstance(error, TransportError) and error.counts_as_attempt
            if is_lost or error.response is not None:
                report(error.response, error)
            raise
        if output.response is not None:
            report(output.response, None)
        return output
