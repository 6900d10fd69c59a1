"""The middleware kernel: five ordered steps around the function that sends.

::

    initialize → serialize → build → finalize → deserialize → send    inputs go down
    initialize ← serialize ← build ← finalize ← deserialize ← send    an Output comes up

* **initialize** sees the input shape; it may return a result without a request.
* **serialize** turns the input shape into a request.
* **build** adds to the request what all attempts have in common.
* **finalize** runs per attempt, or around all of them: after or before ``Retry``.
* **deserialize** sees the raw response before it is parsed.

A middleware is an async callable ``(ctx, input, next) -> Output``. It passes values
down with ``next(ctx.with_value(KEY, value), input)``, and facts up in the metadata of
the output. Each step has its own input type, so a type checker reports a middleware
that is added to the wrong step.
"""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Iterator
from inspect import isfunction
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from attrs import define, field, frozen

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import (
    DuplicateMiddlewareError,
    StackError,
    UnknownMiddlewareError,
)
from sagemaker_rt.http import Request, Response
from sagemaker_rt.sansio.suggestions import did_you_mean

__all__ = [
    "BuildInput",
    "DeserializeInput",
    "FinalizeInput",
    "Handler",
    "Hook",
    "InitializeInput",
    "Middleware",
    "Output",
    "Send",
    "SerializeInput",
    "Stack",
    "Step",
    "hook",
]


@define(eq=False)
class InitializeInput:
    """The input of the initialize step."""

    params: Any
    """The input shape of the operation."""


@define(eq=False)
class SerializeInput:
    """The input of the serialize step: the request is still empty."""

    params: Any
    """The input shape of the operation."""
    request: Request


@define(eq=False)
class BuildInput:
    """The input of the build step: the request that all attempts start from."""

    request: Request


@define(eq=False)
class FinalizeInput:
    """The input of the finalize step: after ``Retry``, a copy for this attempt."""

    request: Request


@define(eq=False)
class DeserializeInput:
    """The input of the deserialize step: the signed request."""

    request: Request


@define(eq=False)
class Output:
    """The result of the handlers of all steps."""

    result: Any = None
    """The output shape; None before the response is deserialized."""
    response: Response | None = None
    """The raw response; None if no request was sent."""
    metadata: Metadata = field(factory=Metadata)


I = TypeVar("I")

Handler: TypeAlias = Callable[[Context, I], Awaitable[Output]]
"""The rest of the call, as a middleware receives it in *next*."""
Send: TypeAlias = Callable[[Context, DeserializeInput], Awaitable[Output]]
"""The innermost handler, which sends the request."""


class Middleware(Protocol[I]):
    """An async function or callable object that runs around the rest of the call."""

    def __call__(
        self, ctx: Context, input: I, next: Handler[I], /
    ) -> Awaitable[Output]:
        """Return an output; *next* may be called once, several times, or never."""
        ...


@frozen(eq=False)
class Hook(Middleware[I]):
    """A middleware that only changes the input; made with `hook`."""

    function: Callable[[Context, I], None]
    input_type: type[I]
    id: str

    def __call__(
        self, ctx: Context, input: I, next: Handler[I], /
    ) -> Awaitable[Output]:
        """Call the function, then *next*."""
        self.function(ctx, input)
        return next(ctx, input)


def hook(
    input_type: type[I], *, id: str | None = None
) -> Callable[[Callable[[Context, I], None]], Hook[I]]:
    """Make a middleware of a plain function ``(ctx, input) -> None``, as a decorator.

    It runs before the rest of the call, without a coroutine, and fails the call if it
    raises. *input_type* is that of its step: `BuildInput` is for ``stack.build``.
    """

    def decorate(function: Callable[[Context, I], None]) -> Hook[I]:
        return Hook(function, input_type, _id_of(function) if id is None else id)

    return decorate


class Step(Generic[I]):
    """An ordered group of middlewares with unique IDs.

    The ID is the argument ``id``, or else the attribute ``id`` of the middleware, or
    else the name of the function or class. Iteration yields the IDs in order.

    Edits raise `DuplicateMiddlewareError` for an ID that the step already has,
    `UnknownMiddlewareError` for one that it does not have, and `StackError` for an
    empty ID, a hook for another step, and a stack that is compiled.
    """

    def __init__(self, name: str, input_type: type[I]) -> None:
        self.name: Final = name
        self._input_type: Final = input_type
        self._entries: dict[str, Middleware[I]] = {}
        self._is_frozen = False

    def add(
        self, middleware: Middleware[I], *, id: str | None = None, first: bool = False
    ) -> None:
        """Add *middleware* as the innermost one, or with *first* as the outermost."""
        self._place(middleware, id, 0 if first else len(self), self._entries)

    def insert(
        self,
        middleware: Middleware[I],
        *,
        before: str | None = None,
        after: str | None = None,
        id: str | None = None,
    ) -> None:
        """Add *middleware* directly before or after the one with that ID."""
        if before is not None and after is None:
            index = self._index(before)
        elif after is not None and before is None:
            index = self._index(after) + 1
        else:
            message = f"pass either before or after, not {before=} and {after=}"
            raise StackError(message)
        self._place(middleware, id, index, self._entries)

    def swap(
        self, id: str, middleware: Middleware[I], *, new_id: str | None = None
    ) -> Middleware[I]:
        """Replace *id* by *middleware*, with the ID *new_id*; return the old one."""
        index, others = self._index(id), self._entries.copy()
        old = others.pop(id)
        self._place(middleware, new_id, index, others)
        return old

    def remove(self, id: str) -> Middleware[I]:
        """Remove the middleware *id*, and return it."""
        self._require_editable()
        self._index(id)
        return self._entries.pop(id)

    def clear(self) -> None:
        """Remove all middlewares."""
        self._require_editable()
        self._entries.clear()

    def get(self, id: str) -> Middleware[I]:
        """Return the middleware *id*."""
        self._index(id)
        return self._entries[id]

    def __contains__(self, id: object) -> bool:
        return id in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Step({self.name!r}, {list(self)})"

    def decorate(self, handler: Handler[I]) -> Handler[I]:
        """Return *handler* wrapped in all middlewares; the first one is outermost."""
        for middleware in reversed(self._entries.values()):
            handler = _bind(middleware, handler)
        return handler

    def freeze(self) -> None:
        """Make all later edits raise `StackError`."""
        self._is_frozen = True

    def _place(
        self,
        middleware: Middleware[I],
        id: str | None,
        index: int,
        others: dict[str, Middleware[I]],
    ) -> None:
        """Insert *middleware* at *index* of *others*, and keep these as the entries."""
        self._require_editable()
        key = _id_of(middleware) if id is None else id
        if not key:
            message = f"a middleware in {self.name} has no name; pass id="
            raise StackError(message)
        if key in others:
            message = f"{self.name} already has {key!r}; use swap, or pass another id="
            raise DuplicateMiddlewareError(message)
        expected = self._input_type
        if isinstance(middleware, Hook) and middleware.input_type is not expected:
            actual = middleware.input_type.__name__
            message = f"{key!r} is a hook for {actual}, not for {expected.__name__}"
            raise StackError(message)
        items = list(others.items())
        self._entries = dict([*items[:index], (key, middleware), *items[index:]])

    def _index(self, id: str) -> int:
        if id not in self._entries:
            hint = did_you_mean(id, self._entries, otherwise=f"it has {list(self)}")
            message = f"{self.name} has no {id!r}{hint}"
            raise UnknownMiddlewareError(message)
        return list(self._entries).index(id)

    def _require_editable(self) -> None:
        if self._is_frozen:
            message = f"{self.name} is compiled; edit it in with_api_options"
            raise StackError(message)


class Stack:
    """The five steps of one operation; ``str(stack)`` lists their middlewares."""

    def __init__(self) -> None:
        self.initialize: Final = Step("initialize", InitializeInput)
        self.serialize: Final = Step("serialize", SerializeInput)
        self.build: Final = Step("build", BuildInput)
        self.finalize: Final = Step("finalize", FinalizeInput)
        self.deserialize: Final = Step("deserialize", DeserializeInput)
        self.steps: Final[tuple[Step[Any], ...]] = (
            self.initialize,
            self.serialize,
            self.build,
            self.finalize,
            self.deserialize,
        )

    def list(self) -> builtins.list[str]:
        """Return the name of each step followed by its IDs, in the order of a call."""
        return [name for step in self.steps for name in (step.name, *step)]

    def __str__(self) -> str:
        return "\n".join("\n  ".join((step.name, *step)) for step in self.steps)

    def decorate(
        self, send: Send, make: Callable[[Context], Request] = lambda _: Request()
    ) -> Handler[InitializeInput]:
        """Compile the stack around *send* into one handler; edits raise from then on.

        *make* returns the request that a call starts from. Calls may be concurrent.
        """
        for step in self.steps:
            step.freeze()
        deserialize = self.deserialize.decorate(send)
        finalize = self.finalize.decorate(
            lambda ctx, input: deserialize(ctx, DeserializeInput(input.request))
        )
        build = self.build.decorate(
            lambda ctx, input: finalize(ctx, FinalizeInput(input.request))
        )
        serialize = self.serialize.decorate(
            lambda ctx, input: build(
                ctx.with_params(input.params), BuildInput(input.request)
            )
        )
        return self.initialize.decorate(
            lambda ctx, input: serialize(ctx, SerializeInput(input.params, make(ctx)))
        )


def _bind(middleware: Middleware[I], next: Handler[I]) -> Handler[I]:
    """Return the handler that calls *middleware* with *next*."""
    # plain functions, so that a middleware costs one coroutine, and a hook none
    if isinstance(middleware, Hook):
        function = middleware.function

        def run_hook(ctx: Context, input: I) -> Awaitable[Output]:
            function(ctx, input)
            return next(ctx, input)

        return run_hook

    # a bound __call__ is faster than a call of the object
    call = middleware if isfunction(middleware) else middleware.__call__
    return lambda ctx, input: call(ctx, input, next)


def _id_of(middleware: object) -> str:
    """Return the default ID of *middleware*; it is empty for a lambda."""
    if isinstance(id := getattr(middleware, "id", None), str):
        return id
    name = getattr(middleware, "__name__", None) or type(middleware).__name__
    return "" if name == "<lambda>" else str(name)
