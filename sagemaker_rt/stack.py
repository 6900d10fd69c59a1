"""The middleware kernel: five ordered steps around one send.

::

    initialize → serialize → build → finalize → deserialize → send    inputs go down
    initialize ← serialize ← build ← finalize ← deserialize ← send    an Output comes up

* **initialize** sees the caller's parameters; it may answer without a call.
* **serialize** turns the parameters into a request.
* **build** writes on the request what every attempt shares.
* **finalize** acts per attempt, or around all of them: before or after ``Retry``.
* **deserialize** sees the raw response, before it is read.

A middleware is any async callable ``(ctx, input, next) -> Output``. It passes values
down with ``next(ctx.with_value(KEY, value), input)`` and facts up in the output's
metadata. Each step has an input type of its own, so that a type checker refuses a
middleware that is added to the wrong step.

A stack is compiled once, by `Stack.decorate`: the handler never looks at it again.
"""

from __future__ import annotations

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
    """What the caller asked for."""

    params: Any
    """The operation's input shape."""


@define(eq=False)
class SerializeInput:
    """What the caller asked for, and the request that is to say it."""

    params: Any
    """The operation's input shape."""
    request: Request


@define(eq=False)
class BuildInput:
    """The request that all attempts share."""

    request: Request


@define(eq=False)
class FinalizeInput:
    """The request: before ``Retry`` the shared one, after it this attempt's copy."""

    request: Request


@define(eq=False)
class DeserializeInput:
    """The signed request, as it is sent."""

    request: Request


@define(eq=False)
class Output:
    """What comes up through all steps."""

    result: Any = None
    """The operation's output shape, once it is deserialized."""
    response: Response | None = None
    """The raw response; None if a middleware answered without a call."""
    metadata: Metadata = field(factory=Metadata)


I = TypeVar("I")

Handler: TypeAlias = Callable[[Context, I], Awaitable[Output]]
"""What remains of the call."""
Send: TypeAlias = Callable[[Context, DeserializeInput], Awaitable[Output]]
"""The innermost handler, which puts the request on the wire."""


class Middleware(Protocol[I]):
    """An async callable that handles *input*, or passes it on to *next*."""

    def __call__(
        self, ctx: Context, input: I, next: Handler[I], /
    ) -> Awaitable[Output]:
        """Handle *input*: what *next* is called with is what the rest sees."""
        ...


@frozen(eq=False)
class Hook(Middleware[I]):
    """A middleware that only touches the input on its way down; made by `hook`."""

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
    """Make a middleware out of a plain function ``(ctx, input) -> None``.

    It runs before the rest of the call and costs no coroutine. What it raises fails
    the call. *input_type* says which step it is for: `BuildInput`, say.
    """

    def decorate(function: Callable[[Context, I], None]) -> Hook[I]:
        return Hook(function, input_type, _id_of(function) if id is None else id)

    return decorate


class Step(Generic[I]):
    """An ordered group of middleware with unique ids.

    An id is the one given, else the middleware's ``id`` attribute, else the name of the
    function or of the object's class. Edits raise `DuplicateMiddlewareError` for an id
    that is there, `UnknownMiddlewareError` for one that is not, and `StackError` for an
    empty one, for another step's hook, and once the stack is compiled.
    """

    def __init__(self, name: str, input_type: type[I]) -> None:
        self.name: Final = name
        self._input_type: Final = input_type
        self._entries: dict[str, Middleware[I]] = {}
        self._is_frozen = False

    def add(
        self, middleware: Middleware[I], *, id: str | None = None, first: bool = False
    ) -> None:
        """Add *middleware* as the last of the step, or with *first* as the first."""
        self._place(middleware, id, 0 if first else len(self), self._entries)

    def insert(
        self,
        middleware: Middleware[I],
        *,
        before: str | None = None,
        after: str | None = None,
        id: str | None = None,
    ) -> None:
        """Add *middleware* next to the one whose id is *before*, or *after*."""
        if before is not None and after is None:
            index = self._index(before)
        elif after is not None and before is None:
            index = self._index(after) + 1
        else:
            message = f"give one of before= and after=, not {before=} and {after=}"
            raise StackError(message)
        self._place(middleware, id, index, self._entries)

    def swap(
        self, id: str, middleware: Middleware[I], *, new_id: str | None = None
    ) -> Middleware[I]:
        """Put *middleware* where *id* is, by its own id or *new_id*; return the old."""
        index, others = self._index(id), self._entries.copy()
        old = others.pop(id)
        self._place(middleware, new_id, index, others)
        return old

    def remove(self, id: str) -> Middleware[I]:
        """Take *id* out, and return its middleware."""
        self._require_editable()
        self._index(id)
        return self._entries.pop(id)

    def clear(self) -> None:
        """Take all middleware out."""
        self._require_editable()
        self._entries.clear()

    def get(self, id: str) -> Middleware[I]:
        """Return the middleware of that *id*, or raise `UnknownMiddlewareError`."""
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
        """Wrap *handler* so that the first middleware is outermost."""
        for middleware in reversed(self._entries.values()):
            handler = _bind(middleware, handler)
        return handler

    def freeze(self) -> None:
        """Refuse edits from now on."""
        self._is_frozen = True

    def _place(
        self,
        middleware: Middleware[I],
        id: str | None,
        index: int,
        others: dict[str, Middleware[I]],
    ) -> None:
        """Make the step's entries *others*, with *middleware* at *index* of them."""
        self._require_editable()
        key = _id_of(middleware) if id is None else id
        if not key:
            message = f"a middleware of {self.name} needs an id that is not empty"
            raise StackError(message)
        if key in others:
            message = f"{self.name} has {key!r} already; swap it, or give another id="
            raise DuplicateMiddlewareError(message)
        takes = self._input_type
        if isinstance(middleware, Hook) and middleware.input_type is not takes:
            given = middleware.input_type.__name__
            message = f"{key!r} is a hook on {given}, not on {takes.__name__}"
            raise StackError(message)
        entries = list(others.items())
        entries.insert(index, (key, middleware))
        self._entries = dict(entries)

    def _index(self, id: str) -> int:
        if id not in self._entries:
            hint = did_you_mean(id, self._entries, otherwise=f"it has {list(self)}")
            message = f"{self.name} has no {id!r}{hint}"
            raise UnknownMiddlewareError(message)
        return list(self._entries).index(id)

    def _require_editable(self) -> None:
        if self._is_frozen:
            message = f"{self.name} is compiled already; edit it by with_api_options"
            raise StackError(message)


class Stack:
    """The five steps of one operation."""

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

    def list(self) -> list[str]:
        """Return each step's name, followed by the ids in it, in a call's order."""
        return [name for step in self.steps for name in (step.name, *step)]

    def __str__(self) -> str:
        return "\n".join("\n  ".join((step.name, *step)) for step in self.steps)

    def decorate(self, send: Send) -> Handler[InitializeInput]:
        """Compile the stack around *send*; it cannot be edited afterwards.

        The handler may be called any number of times, also at the same time.
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
            lambda ctx, input: build(ctx, BuildInput(input.request))
        )
        return self.initialize.decorate(
            lambda ctx, input: serialize(ctx, SerializeInput(input.params, Request()))
        )


def _bind(middleware: Middleware[I], next: Handler[I]) -> Handler[I]:
    """Return the handler that runs *middleware* before *next*.

    It is a plain function: a middleware costs its own coroutine alone, a hook none.
    """
    if isinstance(middleware, Hook):
        function = middleware.function

        def touch(ctx: Context, input: I) -> Awaitable[Output]:
            function(ctx, input)
            return next(ctx, input)

        return touch

    # to look an object's __call__ up once is cheaper than to call it
    call = middleware if isfunction(middleware) else middleware.__call__
    return lambda ctx, input: call(ctx, input, next)


def _id_of(middleware: object) -> str:
    """Return what *middleware* calls itself; ``""`` for a lambda, which has no name."""
    own = getattr(middleware, "id", None)
    if isinstance(own, str):
        return own
    name = getattr(middleware, "__name__", None) or type(middleware).__name__
    return "" if name == "<lambda>" else str(name)
