"""What kind of callable a caller passed: plain, async, or a generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import (
    isasyncgen,
    isasyncgenfunction,
    isawaitable,
    iscoroutine,
    iscoroutinefunction,
    isgenerator,
    isgeneratorfunction,
    signature,
)

__all__ = ["accepts", "close_unrun", "is_async", "is_generator", "runs_later"]


def is_async(function: object) -> bool:
    """Return whether a call of *function* returns a coroutine.

    It may be a function, a method, an object with ``__call__``, or a `partial` of one.
    """
    return _has_kind(function, iscoroutinefunction)


def is_generator(function: object) -> bool:
    """Return whether a call of *function* returns a generator, plain or async."""
    return _has_kind(function, isgeneratorfunction, isasyncgenfunction)


def runs_later(function: object) -> bool:
    """Return whether a call of *function* runs nothing: it is async or a generator."""
    return is_async(function) or is_generator(function)


def accepts(function: Callable[..., object], count: int) -> bool:
    """Return whether *function* can be called with *count* positional arguments."""
    try:
        signature(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # some built-in functions have no signature
        return True
    return True


def close_unrun(result: object) -> bool:
    """Return whether *result* is what an async function or a generator returns.

    A coroutine is closed, so that Python does not warn that it was never awaited.
    """
    if iscoroutine(result):
        result.close()
        return True
    return isawaitable(result) or isasyncgen(result) or isgenerator(result)


def _has_kind(function: object, *tests: Callable[[object], bool]) -> bool:
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, type):  # a call makes an instance
        return False
    # a test of the object itself finds functions, methods and mocks
    call = type(function).__call__ if callable(function) else None
    candidates = (function, call)
    return any(test(candidate) for test in tests for candidate in candidates)
