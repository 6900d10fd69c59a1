"""One step of the kernel: an ordered group of middlewares, and how one runs.

A middleware may call ``next`` several times. What it passes on is copied each time, so
that the middlewares after it never change what it holds. The standard middlewares call
``next`` once, and are spared the copy.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from inspect import isfunction
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from sagemaker_rt.bound_middleware import BoundMiddleware
from sagemaker_rt.context import Context
from sagemaker_rt.errors import (
    DuplicateMiddlewareError,
    StackError,
    UnknownMiddlewareError,
)
from sagemaker_rt.hooks import Hook, id_of
from sagemaker_rt.observers import Observer, bind_observers
from sagemaker_rt.sansio.callables import accepts, is_async, is_generator
from sagemaker_rt.sansio.suggestions import did_you_mean
from sagemaker_rt.step_inputs import Handler, Middleware, Output, StepInput

__all__ = ["Step"]

I = TypeVar("I", bound=StepInput)


class _Running(NamedTuple, Generic[I]):
    """The entry of a middleware that runs."""

    middleware: Middleware[I]
    calls_next_once: bool = False


class _Off(NamedTuple):
    """The entry of a middleware that does not run: only a place."""

    reason: str


_Entries: TypeAlias = dict[str, _Running[I] | _Off]


class Step(Generic[I]):
    """An ordered group of middlewares with unique IDs.

    The ID is the argument ``id``, or else the attribute ``id`` of the middleware, or
    else the name of the function or class. Iteration yields the IDs in order.

    A step may also have the IDs of middlewares that are off. They are places to insert
    at, and to replace or add at; the step does not contain them otherwise.

    Edits raise `DuplicateMiddlewareError` for an ID that the step already has,
    `UnknownMiddlewareError` for one that it does not have, and `StackError` for an
    empty ID, for what cannot run in this step, and for a stack that is compiled.
    """

    def __init__(self, name: str, input_type: type[I]) -> None:
        self.name: Final = name
        self._input_type: Final = input_type
        self._entries: _Entries[I] = {}
        self._is_frozen = False

    def add(
        self,
        middleware: Middleware[I],
        *,
        id: str | None = None,
        first: bool = False,
        calls_next_once: bool = False,
    ) -> None:
        """Add *middleware* as the innermost one, or with *first* as the outermost.

        Args:
            calls_next_once: Declare that it calls ``next`` at most once. This spares
                the copy of what it passes on.
        """
        key, entry = self._checked(middleware, id, calls_next_once=calls_next_once)
        self._place(key, entry, 0 if first else len(self._entries), self._entries)

    def insert(
        self,
        middleware: Middleware[I],
        *,
        before: str | None = None,
        after: str | None = None,
        id: str | None = None,
        calls_next_once: bool = False,
    ) -> None:
        """Add *middleware* directly before or after the one with that ID.

        That one may be off: its place is known.

        Args:
            calls_next_once: As for `add`.
        """
        if before is not None and after is None:
            index = self._index(before)
        elif after is not None and before is None:
            index = self._index(after) + 1
        else:
            message = f"pass either before or after, not {before=} and {after=}"
            raise StackError(message)
        key, entry = self._checked(middleware, id, calls_next_once=calls_next_once)
        self._place(key, entry, index, self._entries)

    def swap(
        self,
        id: str,
        middleware: Middleware[I],
        *,
        new_id: str | None = None,
        calls_next_once: bool = False,
    ) -> Middleware[I]:
        """Replace *id* by *middleware*, with the ID *new_id*; return the old one.

        Args:
            calls_next_once: As for `add`.
        """
        old, index = self.get(id), self._index(id)
        others = {key: entry for key, entry in self._entries.items() if key != id}
        new = self._checked(middleware, new_id, calls_next_once=calls_next_once)
        self._place(*new, index, others)
        return old

    def replace_or_add(
        self, middleware: Middleware[I], *, id: str | None = None, first: bool = False
    ) -> None:
        """Replace the middleware that has the ID of *middleware*, or add it.

        An edit of one call overrides that of the client so. If the ID is off, its place
        is taken.
        """
        key, entry = self._checked(middleware, id)
        others = self._entries.copy()
        old = others.pop(key, None)
        end = 0 if first else len(others)
        index = end if old is None else self._index(key)
        self._place(key, entry, index, others)

    def remove(self, id: str) -> Middleware[I]:
        """Remove the middleware *id*, and return it; its place is forgotten."""
        self._require_editable()
        old = self.get(id)
        del self._entries[id]
        return old

    def reserve(self, id: str, reason: str) -> None:
        """Keep a place for the middleware *id*, which is off because of *reason*."""
        self._place(id, _Off(reason), len(self._entries), self._entries)

    def clear(self) -> None:
        """Remove all middlewares, and forget the places of those that are off."""
        self._require_editable()
        self._entries.clear()

    def get(self, id: str) -> Middleware[I]:
        """Return the middleware *id*.

        Raises:
            UnknownMiddlewareError: The step does not have it, or it is off.
        """
        entry = self._entries.get(id)
        if isinstance(entry, _Off):
            message = (
                f"{id!r} of {self.name} is off: {entry.reason}; insert(before=…) and "
                "insert(after=…) know its place, and replace_or_add takes it"
            )
            raise UnknownMiddlewareError(message)
        if entry is None:
            raise self._unknown(id)
        return entry.middleware

    def __contains__(self, id: object) -> bool:
        return id in self._entries and any(id == running for running in self)

    def __iter__(self) -> Iterator[str]:
        return (
            id for id, entry in self._entries.items() if isinstance(entry, _Running)
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Step({self.name!r}, {list(self)})"

    def decorate(self, handler: Handler[I]) -> Handler[I]:
        """Return *handler* wrapped in all middlewares; the first one is outermost."""
        observers: list[Observer[I]] = []  # which follow each other, innermost first
        for id, entry in reversed(self._entries.items()):
            if isinstance(entry, _Off):
                continue
            if isinstance(entry.middleware, Observer):
                observers.append(entry.middleware)
                continue
            handler = _bind(id, entry, bind_observers(observers, handler))
            observers = []
        return bind_observers(observers, handler)

    def freeze(self) -> None:
        """Make all later edits raise `StackError`."""
        self._is_frozen = True

    def _checked(
        self,
        middleware: Middleware[I],
        id: str | None,
        *,
        calls_next_once: bool = False,
    ) -> tuple[str, _Running[I]]:
        """Return the ID and the entry of *middleware*, if it can run in this step."""
        key = id_of(middleware) if id is None else id
        if not key:
            message = f"a middleware in {self.name} has no name; pass id="
            raise StackError(message)
        expected = self._input_type
        if isinstance(middleware, Hook):
            if middleware.input_type is not expected:
                actual = middleware.input_type.__name__
                message = f"{key!r} is a hook for {actual}, not for {expected.__name__}"
                raise StackError(message)
        elif problem := None if calls_next_once else _problem(middleware):
            message = f"{key!r} cannot be a middleware of {self.name}: {problem}"
            raise StackError(message)
        return key, _Running(middleware, calls_next_once)

    def _place(
        self, key: str, entry: _Running[I] | _Off, index: int, others: _Entries[I]
    ) -> None:
        """Insert *entry* at *index* of *others*, and keep these as the entries."""
        self._require_editable()
        if isinstance(others.get(key), _Running):
            message = (
                f"{self.name} already has {key!r}; to override it, use "
                f"stack.{self.name}.replace_or_add(middleware, id={key!r}); to have "
                "both, pass another id="
            )
            raise DuplicateMiddlewareError(message)
        entries = list(others.items())
        entries.insert(index, (key, entry))
        # the place of a middleware that was off is forgotten: its ID is taken
        self._entries = {k: e for k, e in entries if k != key or e is entry}

    def _index(self, id: str) -> int:
        if id not in self._entries:
            raise self._unknown(id)
        return list(self._entries).index(id)

    def _unknown(self, id: str) -> UnknownMiddlewareError:
        hint = did_you_mean(id, self._entries, otherwise=f"it has {list(self)}")
        return UnknownMiddlewareError(f"{self.name} has no {id!r}{hint}")

    def _require_editable(self) -> None:
        if self._is_frozen:
            message = f"{self.name} is compiled; edit it in with_api_options"
            raise StackError(message)


def _problem(middleware: object) -> str | None:
    """Return why *middleware* cannot run; None if it can."""
    if isinstance(middleware, type):
        return f"it is a class; pass an instance, such as {middleware.__name__}()"
    if not callable(middleware):
        return f"it is {type(middleware).__name__}, and not callable"
    if is_generator(middleware):
        return "it is a generator, so it would never run"
    if not accepts(middleware, 3):
        return (
            "it must accept (ctx, input, next); for a function of (ctx, input), use "
            "hook"
        )
    if not is_async(middleware) and _returns_output(middleware):
        return "it returns an Output, and must be async: async def"
    return None


def _returns_output(function: Callable[..., object]) -> bool:
    """Return whether a plain *function* declares that its result is not awaitable."""
    call = function if isfunction(function) else type(function).__call__
    declared: object = getattr(call, "__annotations__", {}).get("return")
    return declared is Output or str(declared).partition("[")[0] == "Output"


def _bind_hook(hook: Hook[I], next: Handler[I]) -> Handler[I]:
    """Return the handler that calls *hook* and then *next*, without a coroutine."""
    function: Callable[[Context, I], object] = hook.function
    refuse = hook.refuse_unrun

    def run_hook(ctx: Context, input: I) -> Awaitable[Output]:
        result = function(ctx, input)
        if result is not None:
            refuse(result)
        return next(ctx, input)

    return run_hook


def _bind(id: str, entry: _Running[I], next: Handler[I]) -> Handler[I]:
    """Return the handler that calls the middleware of *entry* with *next*."""
    middleware = entry.middleware
    if isinstance(middleware, Hook):
        return _bind_hook(middleware, next)

    # plain functions, so that a middleware costs one coroutine
    # a bound __call__ is faster than a call of the object
    call = middleware if isfunction(middleware) else middleware.__call__
    if entry.calls_next_once:
        if isinstance(middleware, BoundMiddleware):
            return middleware.bind(next)
        return lambda ctx, input: call(ctx, input, next)

    def hand_on(ctx: Context, input: I) -> Awaitable[Output]:
        try:
            copy = input.copy()
        except AttributeError as error:
            message = (
                f"middleware {id!r} called next with {type(input).__name__}; pass the "
                "input that it received, or a changed copy with a Request"
            )
            raise StackError(message) from error
        return next(ctx, copy)

    if isinstance(middleware, BoundMiddleware):
        return middleware.bind(hand_on)
    if is_async(middleware):
        return lambda ctx, input: call(ctx, input, hand_on)

    def run_plain(ctx: Context, input: I) -> Awaitable[Output]:
        result: Any = call(ctx, input, hand_on)
        if not hasattr(result, "__await__"):
            message = (
                f"middleware {id!r} returned {type(result).__name__}, which is not "
                "awaitable; it must be async, or return next(ctx, input)"
            )
            raise StackError(message)
        awaitable: Awaitable[Output] = result
        return awaitable

    return run_plain
