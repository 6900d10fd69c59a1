"""An operation compiled for certain options, and how one call of it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final

from attrs import frozen

from sagemaker_rt.context import Context, ContextValues
from sagemaker_rt.errors import RequestTimeoutError, SageMakerRuntimeError
from sagemaker_rt.stack import Handler, InitializeInput, Output

__all__ = ["CompiledOperation"]

# Seconds after the deadline in which the standard components end the call themselves:
# their errors know what was sent.
_GRACE: Final = 0.02


@frozen
class CompiledOperation:
    """An operation under certain options, ready to run any number of times."""

    name: str
    handler: Handler[InitializeInput]
    total_timeout: float | None
    context_values: ContextValues | None = None
    """Values for the context of the call; None for none."""

    def run(self, params: object, started: float | None = None) -> Awaitable[Output]:
        """Return the running call with *params*, to be awaited.

        Args:
            started: The event loop's time from which ``total_timeout`` counts; now, if
                it is unset.
        """
        input = InitializeInput(params)
        if self.total_timeout is None:
            return self.handler(Context(self.name, values=self.context_values), input)
        started = asyncio.get_running_loop().time() if started is None else started
        deadline = started + self.total_timeout
        context = Context(self.name, deadline, values=self.context_values)
        return _run_until(deadline, self.handler(context, input))


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
