"""Observers: middlewares that only act on what comes up, in plain functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.errors import SageMakerRuntimeError
from sagemaker_rt.step_inputs import Handler, Output, StepInput, require_output

__all__ = ["Observer", "bind_observers"]

I = TypeVar("I", bound=StepInput)


class Observer(ABC, Generic[I]):
    """A middleware that acts on outputs and errors, and calls ``next`` once.

    Observers that follow each other in a step run in one coroutine.
    """

    def on_output(self, ctx: Context, output: Output) -> None:
        """Act on the *output* of the rest of the call; by default, do nothing."""

    @abstractmethod
    def on_error(self, ctx: Context, error: SageMakerRuntimeError) -> None:
        """Act on the *error* of the rest of the call, which is raised again."""

    async def __call__(self, ctx: Context, input: I, next: Handler[I], /) -> Output:
        """Call *next*, and act on what it returns or raises."""
        return await bind_observers([self], next)(ctx, input)


def bind_observers(observers: Sequence[Observer[I]], next: Handler[I]) -> Handler[I]:
    """Return the handler that calls *next*, and then *observers*, innermost first.

    An error of an observer is passed to those outside of it.

    Raises:
        StackError: *next* returned something else than an output.
    """
    if not observers:
        return next
    # those that act on outputs, and how many observers have acted by then
    acting = [
        (number, observer.on_output)
        for number, observer in enumerate(observers, 1)
        if type(observer).on_output is not Observer.on_output
    ]

    async def observe(ctx: Context, input: I) -> Output:
        done = 0
        try:
            output = await next(ctx, input)
            if not isinstance(output, Output):
                require_output(output)
            for done, on_output in acting:  # noqa: B007 - read by the handler below
                on_output(ctx, output)
        except SageMakerRuntimeError as error:
            for observer in observers[done:]:
                observer.on_error(ctx, error)
            raise
        return output

    return observe
