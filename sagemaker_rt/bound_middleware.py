"""Middlewares that are bound to the rest of the call when a stack is compiled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from typing import Generic, TypeVar

from sagemaker_rt.context import Context
from sagemaker_rt.step_inputs import Handler, Output

__all__ = ["BoundMiddleware"]

I = TypeVar("I")


class BoundMiddleware(ABC, Generic[I]):
    """A middleware that makes its handler once per stack, not once per call.

    The handler has *next* in its closure. A call of it costs one function, where a
    middleware of ``(ctx, input, next)`` costs two: the other one passes *next*.
    """

    @abstractmethod
    def bind(self, next: Handler[I]) -> Handler[I]:
        """Return the handler, which calls *next* for the rest of the call."""

    def __call__(
        self, ctx: Context, input: I, next: Handler[I], /
    ) -> Awaitable[Output]:
        """Run as a middleware that is not bound."""
        return self.bind(next)(ctx, input)
