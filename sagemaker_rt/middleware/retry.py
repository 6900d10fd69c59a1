"""Finalize: make attempts until one succeeds, or the retryer gives up.

What stands after *Retry* in its step runs once per attempt, with a copy of the request
and a context of its own, so that nothing of one attempt is left in the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from sagemaker_rt.context import ATTEMPTS, AttemptResult, Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.sansio.retry import NoRetry, RetryDecision
from sagemaker_rt.stack import FinalizeInput, Handler, Output

__all__ = ["Retry"]

_log = logging.getLogger(__name__)

_Attempts: TypeAlias = tuple[AttemptResult, ...]

_FIRST_SUCCEEDED: Final[_Attempts] = (AttemptResult(1, error=None, delay=None),)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class Retry:
    """Do what *retryer* decides: the one place where a call waits between attempts.

    Each attempt says ``amz-sdk-request: attempt=1; max=3``. Output and error carry the
    records of all attempts in their metadata; the error also gets the operation, the
    number of attempts, and notes. A delay that would not end before the call's deadline
    is not begun: the call fails at once, with its last error.

    A call that is cancelled while it waits gives its reservation back. Once an attempt
    has begun, its reservation is spent unless it succeeds, cancelled or not, since the
    service may have had the load of it. Cancellation, and exceptions that are not this
    library's, pass through as they are.

    Args:
        sleep: Waits that many seconds.
        time: Tells the time that deadlines are in, which is the event loop's.
    """

    def __init__(
        self,
        retryer: Retryer,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        time: Callable[[], float] = _loop_time,
    ) -> None:
        self._retryer: Final = retryer
        self._sleep: Final = sleep
        self._time: Final = time
        self._first_header: Final = self._header(1)

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        past: _Attempts = ()
        last: RetryDecision | None = None
        header = self._first_header
        while True:
            number = len(past) + 1
            request = input.request.copy()
            request.headers.lower["amz-sdk-request"] = header
            try:
                output = await next(ctx, FinalizeInput(request))
            except SageMakerRuntimeError as error:
                last = self._after(error, ctx=ctx, past=past)
                if last is None:
                    raise
                past = (*past, AttemptResult(number, error, last.delay))
            else:
                self._retryer.succeeded(last)
                output.metadata[ATTEMPTS] = (
                    (*past, AttemptResult(number, error=None, delay=None))
                    if past
                    else _FIRST_SUCCEEDED
                )
                return output
            await self._wait(last)
            ctx = ctx.with_attempt(number + 1)
            header = self._header(number + 1)

    def _header(self, number: int) -> str:
        return f"attempt={number}; max={self._retryer.max_attempts}"

    def _after(
        self, error: SageMakerRuntimeError, *, ctx: Context, past: _Attempts
    ) -> RetryDecision | None:
        """Return how to go on after *error*, or describe it and return None."""
        decision = self._retryer.decide(error, past=past)
        if isinstance(decision, RetryDecision) and self._is_too_late(decision, ctx):
            self._retryer.give_back(decision)
            decision = NoRetry(
                f"the next attempt's delay of {decision.delay:.3f} s would not end "
                "before the deadline"
            )
        if isinstance(decision, NoRetry):
            self._describe(error, ctx=ctx, past=past)
            if decision.reason is not None:
                error.add_note(decision.reason)
            return None
        _log.debug(
            "%s: attempt %d failed with %r, the next one is in %.3f s",
            ctx.operation,
            len(past) + 1,
            error.code if isinstance(error, ServiceError) else type(error).__name__,
            decision.delay,
        )
        _forget_frames(error)
        return decision

    def _is_too_late(self, decision: RetryDecision, ctx: Context) -> bool:
        if ctx.deadline is None:
            return False
        return self._time() + decision.delay >= ctx.deadline

    def _describe(
        self, error: SageMakerRuntimeError, *, ctx: Context, past: _Attempts
    ) -> None:
        """Write on *error*, which ends the call, what the call knows."""
        number = len(past) + 1
        error.operation = ctx.operation
        error.attempts = number
        if error.metadata is None:
            error.metadata = Metadata()
        error.metadata[ATTEMPTS] = (*past, AttemptResult(number, error, delay=None))
        error.add_note(
            f"{SERVICE_ID} {ctx.operation}, "
            f"attempt {number} of {self._retryer.max_attempts}"
        )

    async def _wait(self, decision: RetryDecision) -> None:
        try:
            await self._sleep(decision.delay)
        except BaseException:
            self._retryer.give_back(decision)
            raise


def _forget_frames(error: BaseException | None) -> None:
    """Drop the tracebacks of *error* and of what caused it.

    It stays in the records of the attempts, and its frames hold the attempt's request,
    with body and signature, which would live for as long as the records.
    """
    # not along __context__, which may lead to an exception of the caller's own
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__
