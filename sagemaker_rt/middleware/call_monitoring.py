"""Finalize: report each call to a client-side monitoring agent."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.checked_clock import checked_clock
from sagemaker_rt.sansio.client_side_monitoring import (
    MonitoredCall,
    MonitoredClient,
    call_datagram,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["CallMonitoring"]


class CallMonitoring:
    """Publish one datagram per call; it is placed before ``Retry``.

    Calls that were cancelled, or whose input is invalid, are not reported.

    Args:
        monitored: Facts that all datagrams contain.
        publish: Sends a datagram to the agent; it must not wait.
        clock: Returns seconds since the epoch, for the start of a call.
        max_attempts: The limit at which a failed call counts as exhausted.
        time: Returns seconds of a monotonic clock, for the duration.
    """

    id: Final = "CallMonitoring"

    def __init__(
        self,
        monitored: MonitoredClient,
        publish: Callable[[bytes], None],
        clock: Clock,
        *,
        max_attempts: int,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self._monitored: Final = monitored
        self._publish: Final = publish
        self._clock: Final = checked_clock(clock)
        self._max_attempts: Final = max_attempts
        self._time: Final = time

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        timestamp, started_at = self._clock(), self._time()

        def report(metadata: Metadata, error: SageMakerRuntimeError | None) -> None:
            attempts = len(metadata.attempts)
            call = MonitoredCall(
                started_at=timestamp,
                duration=self._time() - started_at,
                attempts=attempts,
                user_agent=input.request.headers.lower.get("user-agent", ""),
                status=metadata.http_status,
                error=error,
                is_exhausted=error is not None and attempts >= self._max_attempts,
            )
            # None if it exceeds the size of a datagram
            datagram = call_datagram(self._monitored, ctx.operation, call)
            if datagram is not None:
                self._publish(datagram)

        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            report(error.metadata or Metadata(), error)
            raise
        report(output.metadata, None)
        return output
