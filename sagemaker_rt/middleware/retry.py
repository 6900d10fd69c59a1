"""Finalize: make attempts until one succeeds, or the retryer gives up.

What stands after *Retry* in its step runs once per attempt, with a copy of the request
and a context of its own, so that nothing of one attempt is left in the next.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

from sagemaker_rt.context import ATTEMPTS, AttemptResult, Context, Metadata
from sagemaker_rt.errors import SageMakerRuntimeError, ServiceError
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.sansio.clock_skew import CorrectedClock, service_time
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

    Each attempt says ``amz-sdk-request: attempt=1; max=3``, and when the call will have
    ended, where it has a deadline and the service has told its time. Output and error
    carry the records of all attempts in their metadata; the error also gets the
    operation, the number of attempts, and notes. A delay that would not end before the
    call's deadline is not begun: the call fails at once, with its last error.

    A call that is cancelled while it waits gives its reservation back. Once an attempt
    has begun, its reservation is spent unless it succeeds, cancelled or not, since the
    service may have had the load of it. Cancellation, and exceptions that are not this
    library's, pass through as they are.

    Args:
        clock: The clock that attempts are signed by, corrected when the service says
            that it is wrong; None leaves it alone.
        sleep: Waits that many seconds.
        time: Tells the time that deadlines are in, which is the event loop's.
        logger: Told of every decision, at DEBUG; None leaves it to a logger of the
            module's name, which is told of those to go on.
    """

    def __init__(
        self,
        retryer: Retryer,
        *,
        clock: CorrectedClock | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        time: Callable[[], float] = _loop_time,
        logger: logging.Logger | None = None,
    ) -> None:
        self._retryer: Final = retryer
        self._clock: Final = clock
        self._sleep: Final = sleep
        self._time: Final = time
        self._logger: Final = logger
        self._first_header: Final = self._header(1)

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        failures: _Attempts = ()
        last: RetryDecision | None = None
        header = self._first_header
        started, clock = self._time(), self._clock
        while True:
            request = input.request.copy()
            request.headers.lower["amz-sdk-request"] = header
            offset = 0.0 if clock is None else clock.offset
            try:
                output = await next(ctx, FinalizeInput(request))
            except SageMakerRuntimeError as error:
                if clock is not None and clock.correct(error, used=offset):
                    error.is_retryable = True
                elapsed = self._time() - started
                last = self._after(error, ctx=ctx, failures=failures, elapsed=elapsed)
                if last is None:
                    raise
                failed = AttemptResult(ctx.attempt, error, last.delay, elapsed)
                failures = (*failures, failed)
                past = tuple(a for a in failures if _is_attempt(a.error))
                header = self._header(len(past) + 1, self._ends_at(error, ctx))
            else:
                self._retryer.succeeded(last)
                output.metadata[ATTEMPTS] = (
                    (*ctx.past, AttemptResult(ctx.attempt, error=None, delay=None))
                    if failures
                    else _FIRST_SUCCEEDED
                )
                return output
            await self._wait(last)
            ctx = ctx.with_past(past)

    def _header(self, number: int, ends_at: float | None = None) -> str:
        # a model that is being loaded is asked more often than max_attempts says
        most = max(number, self._retryer.max_attempts)
        header = f"attempt={number}; max={most}"
        if ends_at is None:
            return header
        return f"{header}; ttl={datetime.fromtimestamp(ends_at, UTC):%Y%m%dT%H%M%SZ}"

    def _ends_at(self, error: SageMakerRuntimeError, ctx: Context) -> float | None:
        """Return when the call will have ended, by the clock of the service."""
        now = service_time(error)
        if now is None or ctx.deadline is None:
            return None
        return now + ctx.deadline - self._time()

    def _after(
        self,
        error: SageMakerRuntimeError,
        *,
        ctx: Context,
        failures: _Attempts,
        elapsed: float,
    ) -> RetryDecision | None:
        """Return how to go on after *error*, or describe it and return None."""
        decision = self._retryer.decide(error, past=failures, elapsed=elapsed)
        if isinstance(decision, RetryDecision) and self._is_too_late(decision, ctx):
            self._retryer.give_back(decision)
            decision = NoRetry(
                f"the next attempt's delay of {decision.delay:.3f} s would not end "
                "before the deadline"
            )
        if isinstance(decision, NoRetry):
            self._describe(error, ctx=ctx, elapsed=elapsed)
            if self._logger is not None:
                reason = decision.reason or "it is not to be repeated"
                _log_failure(self._logger, ctx, error, f"the last one: {reason}")
            if decision.reason is not None:
                error.add_note(decision.reason)
            return None
        then = f"the next one is in {decision.delay:.3f} s"
        _log_failure(self._logger or _log, ctx, error, then)
        _forget_frames(error)
        return decision

    def _is_too_late(self, decision: RetryDecision, ctx: Context) -> bool:
        if ctx.deadline is None:
            return False
        return self._time() + decision.delay >= ctx.deadline

    def _describe(
        self, error: SageMakerRuntimeError, *, ctx: Context, elapsed: float
    ) -> None:
        """Write on *error*, which ends the call, what the call knows."""
        where = f"attempt {ctx.attempt} of {self._retryer.max_attempts}"
        attempts = ctx.past
        if _is_attempt(error):
            # The error itself would hold itself, and with it the frames of the call
            # and the body of its request, until the garbage is collected.
            last = AttemptResult(ctx.attempt, copy.copy(error), None, elapsed)
            attempts = (*attempts, last)
        else:
            where = f"before {where}"
        error.operation = ctx.operation
        error.attempts = len(attempts)
        if error.metadata is None:
            error.metadata = Metadata()
        error.metadata[ATTEMPTS] = attempts
        error.add_note(f"{SERVICE_ID} {ctx.operation}, {where}")

    async def _wait(self, decision: RetryDecision) -> None:
        try:
            await self._sleep(decision.delay)
        except BaseException:
            self._retryer.give_back(decision)
            raise


def _log_failure(
    logger: logging.Logger, ctx: Context, error: SageMakerRuntimeError, then: str
) -> None:
    logger.debug(
        "%s: attempt %d failed with %r, %s",
        ctx.operation,
        ctx.attempt,
        error.code if isinstance(error, ServiceError) else type(error).__name__,
        then,
    )


def _is_attempt(error: SageMakerRuntimeError | None) -> bool:
    return error is None or error.counts_as_attempt


def _forget_frames(error: BaseException | None) -> None:
    """Drop the tracebacks of *error* and of what caused it.

    It stays in the records of the attempts, and its frames hold the attempt's request,
    with body and signature, which would live for as long as the records.
    """
    # not along __context__, which may lead to an exception of the caller's own
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__
