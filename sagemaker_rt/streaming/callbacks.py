"""Functions of the caller's that run in the middle of a call, plain or async."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isawaitable

from sagemaker_rt.errors import SageMakerRuntimeError

__all__ = ["run"]


async def run(function: Callable[..., object], *args: object) -> object:
    """Call *function*, and return what it does, awaited if that can be.

    What it raises comes out as itself, with one exception: an error of this library's
    becomes the cause of a RuntimeError. It tells of another call, and might else have
    this one repeated.
    """
    try:
        result = function(*args)
        return await result if isawaitable(result) else result
    except SageMakerRuntimeError as error:
        name = getattr(function, "__qualname__", repr(function))
        message = f"{name} raised {type(error).__name__}, which is of another call"
        raise RuntimeError(message) from error
    finally:
        args = ()  # or a traceback that shows local variables shows a body
