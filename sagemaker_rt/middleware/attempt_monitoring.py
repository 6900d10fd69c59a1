"""Finalize: tell an agent of the attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError, TransportError
from sagemaker_rt.http import Response
from sagemaker_rt.interfaces import Clock
from sagemaker_rt.sansio.client_side_monitoring import (
    Monitored,
    MonitoredAttempt,
    attempt_datagram,
)
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["AttemptMonitoring"]

_NO_HEADERS: Final[Mapping[str, str]] = {}


class AttemptMonitoring:
    """Give *publish* a datagram of each attempt.

    There is none of an attempt that was cancelled, or failed before it was begun.

    Args:
        clock: Seconds since the epoch, for when attempts began.
        time: Seconds, for how long they took.
    """

    id: Final = "AttemptMonitoring"

    def __init__(
        self,
        of: Monitored,
        publish: Callable[[bytes], None],
        clock: Clock,
        *,
        time: Callable[[], float] = perf_counter,
    ) -> None:
        self._of: Final = of
        self._publish: Final = publish
        self._clock: Final = clock
        self._time: Final = time

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        began, started = self._clock(), self._time()

        def tell(response: Response | None, error: Exception | None) -> None:
            request = input.request
            attempt = MonitoredAttempt(
                began=began,
                took=self._time() - started,
                host=None if request.endpoint is None else request.endpoint.host,
                request=request.headers.lower,
                status=None if response is None else response.status,
                response=_NO_HEADERS if response is None else response.headers.lower,
                error=error,
            )
            datagram = attempt_datagram(self._of, ctx.operation, attempt)
            if datagram is not None:
                self._publish(datagram)

        try:
            output = await next(ctx, input)
        except SageMakerRuntimeError as error:
            is_lost = isinstance(error, TransportError) and error.counts_as_attempt
            if is_lost or error.response is not None:
                tell(error.response, error)
            raise
        if output.response is not None:
            tell(output.response, None)
        return output
