"""Calls the functions, plain or async, that callers pass for use during a call."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable

from sagemaker_rt.errors import SageMakerRuntimeError

__all__ = ["run_callback"]


async def run_callback(function: Callable[..., object], *args: object) -> object:
    """Call *function*; return its result, awaited if it is awaitable.

    Exceptions propagate unchanged, except for errors of this library, which become the
    cause of a RuntimeError. They belong to another call that the callback made. The
    retryer would take them for an error of this call, and could retry it.
    """
    try:
        result = function(*args)
        return await result if isawaitable(result) else result
    except SageMakerRuntimeError as error:
        name = getattr(function, "__qualname__", repr(function))
        message = f"callback {name} raised {type(error).__name__} of another call"
        raise RuntimeError(message) from error
    finally:
        args = ()  # tracebacks that show local variables must not show a body
