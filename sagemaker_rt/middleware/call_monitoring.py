"""Finalize: tell an agent of the call."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.client_side_monitoring import (
    Monitored,
    MonitoredCall,
    call_datagram,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["CallMonitoring"]


class CallMonitoring:
    """Give *publish* a datagram of each call; it stands before ``Retry``.

    There is none of a call that was cancelled, or whose input was refused.

    Args:
        max_attempts: How many attempts a call may have.
        clock: Seconds since the epoch, for when calls began.
        time: Seconds, for how long they took.
    """

    id: Final = "CallMonitoring"

    def __init__(
        self,
        of: Monitored,
        publish: Callable[[bytes], None],
        clock: Clock,
        *,
        max_attempts: int,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self._of: Final = of
        self._publish: Final = publish
        self._clock: Final = clock
        self._max_attempts: Final = max_attempts
        self._time: Final = time

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        began, started = self._clock(), self._time()

        def tell(metadata: Metadata, error: SageMakerRuntimeError | None) -> None:
            attempts = len(metadata.attempts)
            call = MonitoredCall(
                began=began,
                took=self._time() - started,
                attempts=attempts,
                user_agent=input.request.headers.lower.get("user-agent", ""),
                status=metadata.http_status,
                error=error,
                is_exhausted=error is not None and attempts >= self._max_attempts,
            )
            datagram = call_datagram(self._of, ctx.operation, call)
            if datagram is not None:
                self._publish(datagram)

        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            tell(error.metadata or Metadata(), error)
            raise
        tell(output.metadata, None)
        return output
