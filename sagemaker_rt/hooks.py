"""Hooks: middlewares that only change the input, made of plain functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, get_origin

from attrs import frozen

from sagemaker_rt.context import Context
from sagemaker_rt.errors import StackError
from sagemaker_rt.frozen_value import ShownValue
from sagemaker_rt.sansio.callables import accepts, close_unrun, runs_later
from sagemaker_rt.step_inputs import Handler, Middleware, Output

__all__ = ["Hook", "hook", "id_of"]

I = TypeVar("I")


@frozen(eq=False, repr=False)
class Hook(ShownValue, Middleware[I]):
    """A middleware that only changes the input; made with `hook`."""

    function: Callable[[Context, I], None]
    input_type: type[I]
    id: str

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.input_type, type):
            message = (
                "hook takes the input type of a step, as in @hook(BuildInput): "
                f"{self.input_type!r}"
            )
            raise StackError(message)
        if runs_later(self.function):
            message = (
                f"hook {self.id!r} is async or a generator, so it would never run; "
                f"make it a plain function, or a middleware: "
                f"async def {self.id or 'name'}(ctx, input, next)"
            )
            raise StackError(message)
        if not callable(self.function) or not accepts(self.function, 2):
            message = f"hook {self.id!r} must be a function of (ctx, input)"
            raise StackError(message)

    def __call__(
        self, ctx: Context, input: I, next: Handler[I], /
    ) -> Awaitable[Output]:
        """Call the function, then *next*."""
        function: Callable[[Context, I], object] = self.function
        result = function(ctx, input)
        if result is not None:
            self.refuse_unrun(result)
        return next(ctx, input)

    def refuse_unrun(self, result: object) -> None:
        """Raise `StackError` if *result* is awaitable: nobody awaits it."""
        if close_unrun(result):
            message = (
                f"hook {self.id!r} returned {type(result).__name__}, which nobody "
                "runs; make it a middleware: async def (ctx, input, next)"
            )
            raise StackError(message)


def hook(
    input_type: type[I], *, id: str | None = None
) -> Callable[[Callable[[Context, I], None]], Hook[I]]:
    """Make a middleware of a plain function ``(ctx, input) -> None``, as a decorator.

    It runs before the rest of the call, without a coroutine, and fails the call if it
    raises. *input_type* is that of its step: `BuildInput` is for ``stack.build``.

    Raises:
        StackError: The function is async or a generator, or *input_type* is not a
            class.
    """
    # the class of InitializeInput[InvokeEndpointInput] is InitializeInput
    actual = get_origin(input_type) or input_type

    def decorate(function: Callable[[Context, I], None]) -> Hook[I]:
        return Hook(function, actual, id_of(function) if id is None else id)

    return decorate


def id_of(middleware: object) -> str:
    """Return the default ID of *middleware*; it is empty for a lambda."""
    id = getattr(middleware, "id", None)
    if isinstance(id, str):
        return id
    name = getattr(middleware, "__name__", None) or type(middleware).__name__
    return "" if name == "<lambda>" else str(name)
