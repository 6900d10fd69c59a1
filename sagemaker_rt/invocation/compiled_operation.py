"""An operation compiled for certain options, and how one call of it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, NamedTuple

from sagemaker_rt.context import Context, ContextValues, LastExchange
from sagemaker_rt.errors import RequestTimeoutError, SageMakerRuntimeError
from sagemaker_rt.invocation.call_facts import describe_exception, with_facts
from sagemaker_rt.operations import SERVICE_ID
from sagemaker_rt.stack import Handler, InitializeInput, Output

__all__ = ["CompiledOperation"]

# Seconds after the deadline in which the standard components end the call themselves:
# their errors know what was sent.
_GRACE: Final = 0.02


class CompiledOperation(NamedTuple):
    """An operation under certain options, ready to run any number of times."""

    name: str
    handler: Handler[InitializeInput]
    total_timeout: float | None
    context_values: ContextValues | None = None
    """Values for the context of the call; None for none."""
    service: str = SERVICE_ID
    """The service that has the operation."""

    async def run(self, params: object, started: float | None = None) -> Output:
        """Return the output of a call with *params*.

        Output and exceptions leave it with the facts of the call.

        Args:
            started: The event loop's time from which ``total_timeout`` counts; now, if
                it is unset.
        """
        name, timeout, exchange = self.name, self.total_timeout, LastExchange()
        deadline = None
        if timeout is not None:
            now = asyncio.get_running_loop().time() if started is None else started
            deadline = now + timeout
        ctx = Context(name, deadline, 1, self.context_values, (), params, exchange)
        try:
            call = self.handler(ctx, InitializeInput(params))
            output = await (call if deadline is None else _run_until(deadline, call))
            return with_facts(output, exchange)
        except Exception as error:
            describe_exception(error, name, exchange, service=self.service)
            raise


async def _run_until(deadline: float, call: Awaitable[Output]) -> Output:
    """Return the output of *call*, and end it if it does not end in time itself.

    The standard components know the deadline, and what has been sent by then. This
    limit comes later, and is for custom middleware and components that do not.
    """
    limit = asyncio.timeout_at(deadline + _GRACE)
    try:
        async with limit:
            return await call
    except TimeoutError as error:
        if isinstance(error, SageMakerRuntimeError) or not limit.expired():
            raise
        message = "total_timeout expired in a component or middleware"
        expired = RequestTimeoutError(message)
        expired.request_sent = expired.may_have_executed = True  # unknown: assume so
        raise expired from error
