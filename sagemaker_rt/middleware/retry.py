"""Finalize: make attempts until one succeeds or the retryer gives up.

The middleware after *Retry* in the step runs once per attempt. Each attempt gets a copy
of the request and its own context, so that nothing leaks into the next one. Whether to
retry, and after how long, is computed in ``sansio/retry.py``.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Final, TypeAlias

from sagemaker_rt.context import ATTEMPTS, AttemptResult, Context, Metadata
from sagemaker_rt.endpoint_resolvers import AttemptEndpoints
from sagemaker_rt.errors import (
    ComponentError,
    SageMakerRuntimeError,
    ServiceError,
)
from sagemaker_rt.http import Endpoint, Request
from sagemaker_rt.interfaces import Retryer
from sagemaker_rt.observability.logger_errors import wrap_logger_errors
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.sansio.attempt_errors import (
    add_past,
    copy_facts,
    drop_tracebacks,
    is_attempt,
    is_elsewhere,
)
from sagemaker_rt.sansio.clock_skew import CorrectedClock, service_time
from sagemaker_rt.sansio.retry import NoRetry, RetryDecision
from sagemaker_rt.sansio.retry_decisions import WrongDecisionError, require_decision
from sagemaker_rt.stack import FinalizeInput, Handler, Output
from sagemaker_rt.step_inputs import require_output

__all__ = ["Retry"]

_log = logging.getLogger(__name__)

_Attempts: TypeAlias = tuple[AttemptResult, ...]
_Decision: TypeAlias = RetryDecision | NoRetry


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


class Retry:
    """Retry as *retryer* decides, and wait between attempts.

    Each attempt has the header ``amz-sdk-request: attempt=1; max=3``. If the call has a
    deadline, and the service has sent its time, the header also has the deadline
    (``ttl``). Outputs and errors have the records of all attempts in their metadata.
    Errors also get the number of attempts, and notes. If a delay would
    end after the deadline of the call, the last error is raised at once.

    A retry reserves a part of the retry quota. If the call is cancelled during the
    delay, the reservation is given back. After the start of the attempt it is spent
    unless the attempt succeeds, because the service may have processed the request. An
    attempt at another endpoint costs nothing, because the failed one gets no load.
    Cancellation, and exceptions of custom middleware, propagate unchanged.

    Args:
        clock: The clock of signatures, which is corrected if the service rejects the
            signing time; None disables the correction.
        sleep: Waits for a number of seconds.
        time: Returns the time of the event loop, which deadlines refer to.
        stopwatch: Returns the seconds from which the times of attempts are measured.
        logger: Logs every decision at DEBUG; None logs only retries, to the logger of
            this module.
        endpoints: Resolves the endpoint of the next attempt, to find out whether it
            costs anything; None if all attempts have the same endpoint.
        service: The service that notes on errors name.

    Raises:
        ComponentError: A custom retryer raised an exception; it has the facts of the
            failed attempt.
    """

    def __init__(  # noqa: PLR0913 - clock, sleep, time and stopwatch are for tests
        self,
        retryer: Retryer,
        *,
        clock: CorrectedClock | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        time: Callable[[], float] = _loop_time,
        stopwatch: Callable[[], float] = monotonic,
        logger: logging.Logger | None = None,
        endpoints: AttemptEndpoints | None = None,
        service: str = SERVICE_ID,
    ) -> None:
        self._retryer: Final = retryer
        self._clock: Final = clock
        self._sleep: Final = sleep
        self._time: Final = time
        self._stopwatch: Final = stopwatch
        self._logger: Final = logger
        self._endpoints: Final = endpoints
        self._service: Final = service
        self._first_header: Final = self._header(1)

    async def __call__(
        self, ctx: Context, input: FinalizeInput, next: Handler[FinalizeInput]
    ) -> Output:
        failures: _Attempts = ()
        last: RetryDecision | None = None
        header = self._first_header
        started_at, clock = self._stopwatch(), self._clock
        endpoint, failed = input.request.endpoint, None
        while True:
            # a copy: what this attempt writes must not be in the next one
            request = input.request.copy()
            request.headers.lower["amz-sdk-request"] = header
            request.endpoint = endpoint
            # of this attempt: a concurrent call may correct the clock during it
            offset = 0.0 if clock is None else clock.offset
            try:
                output = await next(ctx, FinalizeInput(request))
            except SageMakerRuntimeError as error:
                if clock is not None and clock.correct(error, used=offset):
                    error.is_retryable = True  # with the corrected time
                elapsed = self._stopwatch() - started_at
                if last is not None and is_elsewhere(request, failed):
                    self._give_back(last)  # a middleware has chosen another endpoint
                failed = request
                decision = self._decide(error, ctx, past=failures, elapsed=elapsed)
                if self._endpoints is not None and input.request.endpoint is None:
                    decision, endpoint = await self._elsewhere(
                        decision, error, ctx, failed=request
                    )
                last = self._retry(error, decision, ctx=ctx, elapsed=elapsed)
                if last is None:
                    raise
                result = AttemptResult(ctx.attempt, error, last.delay, elapsed)
                failures = (*failures, result)
                # a pool timeout is a failure, but has no attempt number
                past = tuple(a for a in failures if is_attempt(a.error))
                if ctx.last_exchange is not None:
                    ctx.last_exchange.metadata = ctx.last_exchange.response = None
                header = self._header(len(past) + 1, self._ends_at(error, ctx))
            else:
                elapsed = self._stopwatch() - started_at
                return self._succeeded(output, ctx, last, elapsed)
            await self._wait(last)
            ctx = ctx.with_past(past)

    def _succeeded(
        self, output: Output, ctx: Context, last: RetryDecision | None, elapsed: float
    ) -> Output:
        """Return *output* with the attempts of the call in its metadata."""
        try:
            self._retryer.succeeded(last)
        except SageMakerRuntimeError:
            raise
        except Exception as cause:
            failure = self._wrapped(cause)
            failure.request_sent = failure.may_have_executed = True
            raise failure from cause
        if not isinstance(output, Output):  # it is that of the caller's middleware
            require_output(output)
        attempts = (*ctx.past, AttemptResult(ctx.attempt, None, None, elapsed))
        exchange = ctx.last_exchange
        if exchange is None or output.metadata is exchange.metadata:
            output.metadata[ATTEMPTS] = attempts
            return output
        # A middleware made this output. It may return it to other calls too.
        metadata = Metadata(output.metadata)
        metadata[ATTEMPTS] = attempts
        return Output(output.result, output.response, metadata)

    def _header(self, number: int, ends_at: float | None = None) -> str:
        # attempts while a model is being loaded are not limited by max_attempts
        most = max(number, self._retryer.max_attempts)
        header = f"attempt={number}; max={most}"
        if ends_at is None:
            return header
        return f"{header}; ttl={datetime.fromtimestamp(ends_at, UTC):%Y%m%dT%H%M%SZ}"

    def _ends_at(self, error: SageMakerRuntimeError, ctx: Context) -> float | None:
        """Return the deadline of the call by the service's clock; None if unknown."""
        now = service_time(error)
        if now is None or ctx.deadline is None:
            return None
        return now + ctx.deadline - self._time()

    async def _elsewhere(
        self,
        decision: _Decision,
        error: SageMakerRuntimeError,
        ctx: Context,
        *,
        failed: Request,
    ) -> tuple[_Decision, Endpoint | None]:
        """Return what *decision* is at the next endpoint, and the latter if known."""
        endpoints = self._endpoints
        if endpoints is None or not is_attempt(error) or not _has_cost(decision):
            return decision, None
        try:
            found = endpoints.resolve(ctx.endpoint_name, ctx.attempt + 1, error)
            endpoint = found if isinstance(found, Endpoint) else await found
        except SageMakerRuntimeError:  # ResolveEndpointV2 reports it
            return decision, None
        except BaseException:  # a cancellation
            self._give_back(decision)
            raise
        if failed.endpoint is None or endpoint.host == failed.endpoint.host:
            return decision, endpoint
        if isinstance(decision, NoRetry):
            return decision.elsewhere or decision, endpoint
        self._give_back(decision)
        return RetryDecision(decision.delay), endpoint

    def _retry(
        self,
        error: SageMakerRuntimeError,
        decision: _Decision,
        *,
        ctx: Context,
        elapsed: float,
    ) -> RetryDecision | None:
        """Return the decision to retry; for none, complete *error* and return None."""
        if isinstance(decision, RetryDecision) and self._is_too_late(decision, ctx):
            # the caller gets the error now, instead of a timeout later
            self._give_back(decision)
            decision = NoRetry(
                f"the delay before the next attempt, {decision.delay:.3f} s, would end "
                "after the deadline"
            )
        if isinstance(decision, NoRetry):
            # before logging and notes: a logger may raise
            self._complete(error, ctx=ctx, elapsed=elapsed)
            if self._logger is not None:
                reason = decision.reason or "not retryable"
                _log_failure(self._logger, ctx, error, f"no retry: {reason}")
            if decision.reason is not None:
                error.add_note(decision.reason)
            return None
        then = f"retry in {decision.delay:.3f} s"
        _log_failure(self._logger or _log, ctx, error, then)
        drop_tracebacks(error)
        return decision

    def _decide(
        self,
        error: SageMakerRuntimeError,
        ctx: Context,
        *,
        past: _Attempts,
        elapsed: float,
    ) -> _Decision:
        """Call the retryer; its errors get the facts of the failed attempt."""
        try:
            decision = self._retryer.decide(error, past=past, elapsed=elapsed)
            require_decision(decision)
        except ComponentError as failure:  # of custom_backoff or retry_jitter
            self._complete(error, ctx=ctx, elapsed=elapsed)
            copy_facts(error, failure)
            raise
        except SageMakerRuntimeError:
            raise
        except Exception as cause:
            self._complete(error, ctx=ctx, elapsed=elapsed)
            wrapped = self._wrapped(cause)
            copy_facts(error, wrapped)
            raise wrapped from cause
        else:
            return decision

    def _give_back(self, decision: _Decision) -> None:
        if isinstance(decision, NoRetry):
            return
        try:
            self._retryer.give_back(decision)
        except SageMakerRuntimeError:
            raise
        except Exception as error:
            raise self._wrapped(error) from error

    def _wrapped(self, error: Exception) -> ComponentError:
        if isinstance(error, WrongDecisionError):
            return ComponentError.from_result("retryer", self._retryer, str(error))
        return ComponentError.from_component("retryer", self._retryer, error)

    def _is_too_late(self, decision: RetryDecision, ctx: Context) -> bool:
        if ctx.deadline is None:
            return False
        return self._time() + decision.delay >= ctx.deadline

    def _complete(
        self, error: SageMakerRuntimeError, *, ctx: Context, elapsed: float
    ) -> None:
        """Write the facts of the call on *error*, which ends it."""
        where = f"attempt {ctx.attempt} of {self._retryer.max_attempts}"
        attempts = ctx.past
        if is_attempt(error):
            # A copy: otherwise the error refers to itself, and keeps the frames of the
            # call and the body of its request alive until the garbage collector runs.
            last = AttemptResult(ctx.attempt, copy.copy(error), None, elapsed)
            attempts = (*attempts, last)
        else:
            where = f"before {where}"
        add_past(error, ctx.past)
        error.attempts = len(attempts)
        error.metadata[ATTEMPTS] = attempts
        exchange = ctx.last_exchange
        if exchange is not None:
            for key, fact in (exchange.metadata or {}).items():
                error.metadata.setdefault(key, fact)
            # for an error that a middleware outside raises in place of this one
            exchange.metadata = error.metadata
        error.add_note(f"{self._service} {ctx.operation}, {where}")

    async def _wait(self, decision: RetryDecision) -> None:
        try:
            await self._sleep(decision.delay)
        except BaseException:  # a cancellation
            try:
                self._retryer.give_back(decision)
            except Exception as error:  # noqa: BLE001 - the cancellation must propagate
                _log.warning("retryer.give_back raised", exc_info=error)
            raise


def _log_failure(
    logger: logging.Logger, ctx: Context, error: SageMakerRuntimeError, then: str
) -> None:
    with wrap_logger_errors(logger):
        logger.debug(
            "%s: attempt %d failed with %r, %s",
            ctx.operation,
            ctx.attempt,
            error.code if isinstance(error, ServiceError) else type(error).__name__,
            then,
        )


def _has_cost(decision: _Decision) -> bool:
    if isinstance(decision, NoRetry):
        return decision.elsewhere is not None
    return decision.reservation > 0
