"""Limit the calls of a client or a task, and the seconds that they take together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, Final, Literal

from sagemaker_rt.context import Context, Key
from sagemaker_rt.errors import BudgetExceededError
from sagemaker_rt.options import APIOptions, with_api_options
from sagemaker_rt.resilience.stack_edits import EventCounter, insert_in_initialize
from sagemaker_rt.resilience.stream_over import when_over
from sagemaker_rt.sansio.spending import Spending
from sagemaker_rt.stack import Handler, InitializeInput, Output, Stack
from sagemaker_rt.streaming.stream_end import stream_of

__all__ = ["BUDGET", "Budget", "with_budget"]

_ID: Final = "Budget"
_check: Final = Lock()  # of budgets that calls in several threads use


class Budget:
    """Limit calls and the seconds that they take, as an edit of the stack.

    Set it on a client, or pass it in the context of the calls of one task:
    ``with_context_value(BUDGET, budget)``. Such calls need `with_budget` on the client,
    which may have a budget too: then both are charged.

    A call without a call or a second left raises a `BudgetExceededError`, and nothing
    is sent. A call takes the seconds that are left at most, and is cancelled then.
    Concurrent calls may together take more, since a call is charged when it has ended.

    **Retries** and hedges are no further calls; the seconds of a call include them.
    **Streams** are charged when they end or are dropped, and are not cancelled
    while they are read.
    **Sessions** and asynchronous invocations are charged like others; the time of an
    asynchronous inference is not. **Cancelled** and failed calls are charged too.

    Args:
        calls: The number of calls; None for no limit.
        seconds: The time that all calls may take together; None for no limit.
        time: Returns seconds; for tests.

    Raises:
        OptionsError: A limit is negative, or neither is set.
    """

    def __init__(
        self,
        *,
        calls: int | None = None,
        seconds: float | None = None,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self.spending: Final = Spending(calls, seconds)
        """What calls have used."""
        self.time: Final = time

    @property
    def calls_left(self) -> float:
        """The calls that may still be made; infinity without a limit."""
        return self.spending.calls_left

    @property
    def seconds_left(self) -> float:
        """The seconds that are left; infinity without a limit."""
        return self.spending.seconds_left

    def __call__(self, stack: Stack) -> None:
        """Insert the budget into *stack*, around everything that makes a request."""
        insert_in_initialize(stack, _Charge(self, stack), id=_ID)

    def __repr__(self) -> str:
        spending = self.spending
        return f"Budget(calls={spending.max_calls!r}, seconds={spending.max_seconds!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickle, (self.spending.max_calls, self.spending.max_seconds)


BUDGET: Key[Budget] = Key("budget")
"""In the context of a call: a budget that is charged for it."""


def with_budget(budget: Budget | None = None) -> APIOptions:
    """Charge calls to *budget*, and to the `BUDGET` in their context.

    Args:
        budget: Of all calls with this option; None to charge that of the context only.
    """
    return with_api_options(_charge_context if budget is None else budget)


def _charge_context(stack: Stack) -> None:
    insert_in_initialize(stack, _Charge(None, stack), id=_ID)


def _unpickle(calls: int | None, seconds: float | None) -> Budget:
    return Budget(calls=calls, seconds=seconds)


class _Charge:
    """The middleware of one stack."""

    def __init__(self, budget: Budget | None, stack: Stack) -> None:
        self._budgets: Final = () if budget is None else (budget,)
        self._events: Final = EventCounter(
            stack, "budget", "Calls that were refused, by what is used up."
        )

    async def __call__(
        self,
        ctx: Context,
        input: InitializeInput[Any],
        next: Handler[InitializeInput[Any]],
    ) -> Output:
        of_context, budgets = ctx.get(BUDGET), self._budgets
        if of_context is not None and of_context not in budgets:
            budgets = (*budgets, of_context)
        if not budgets or ctx.is_prepare:
            return await next(ctx, input)
        started_at, is_timed = self._begin(budgets, ctx)
        is_open = False
        try:
            if is_timed:
                output = await self._limited(budgets, ctx, input, next)
            else:
                output = await next(ctx, input)
            stream = stream_of(ctx, output.result)
            if stream is not None:
                when_over(stream, partial(_charge, budgets, started_at))
                is_open = True
        finally:
            if not is_open:
                _charge(budgets, started_at)
        return output

    def _begin(
        self, budgets: Sequence[Budget], ctx: Context
    ) -> tuple[list[float], bool]:
        """Count a call in each of *budgets*, or in none of them.

        Returns:
            The times now, and whether the seconds of the call are limited.

        Raises:
            BudgetExceededError: One of them is used up.
        """
        started_at, is_timed = [], False
        with _check:
            for budget in budgets:
                spending = budget.spending
                if (resource := spending.used_up) is not None:
                    break
                started_at.append(budget.time())
                is_timed |= spending.max_seconds is not None
            else:
                for budget in budgets:
                    budget.spending.calls += 1
                return started_at, is_timed
        raise self._refusal(budget, resource, ctx)

    async def _limited(
        self,
        budgets: Sequence[Budget],
        ctx: Context,
        input: InitializeInput[Any],
        next: Handler[InitializeInput[Any]],
    ) -> Output:
        """Make the call within the seconds that are left."""
        scarcest = min(budgets, key=lambda budget: budget.seconds_left)
        limit = asyncio.timeout(scarcest.seconds_left)
        try:
            async with limit:
                return await next(ctx, input)
        except TimeoutError as error:
            if not limit.expired():
                raise
            failure = self._refusal(scarcest, "seconds", ctx)
            exchange = ctx.last_exchange
            is_sent = exchange is None or exchange.count > 0
            failure.request_sent = failure.may_have_executed = is_sent
            raise failure from error

    def _refusal(
        self, budget: Budget, resource: Literal["calls", "seconds"], ctx: Context
    ) -> BudgetExceededError:
        self._events.add(resource, ctx.endpoint_name)
        spending = budget.spending
        limit = spending.max_calls if resource == "calls" else spending.max_seconds
        error = BudgetExceededError(f"the budget of {limit:g} {resource} is used up")
        error.endpoint_name = ctx.endpoint_name
        error.resource, error.limit = resource, limit or 0.0
        return error


def _charge(budgets: Sequence[Budget], started_at: Sequence[float]) -> None:
    for budget, start in zip(budgets, started_at, strict=True):
        budget.spending.seconds += budget.time() - start
