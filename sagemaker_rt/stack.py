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
that is added to the wrong step. It may call ``next`` more than once, from any step:
each time, a copy of its input is handed on.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

from sagemaker_rt.context import Context
from sagemaker_rt.hooks import Hook, hook
from sagemaker_rt.http import Request
from sagemaker_rt.step import Step
from sagemaker_rt.step_inputs import (
    BuildInput,
    DeserializeInput,
    FinalizeInput,
    Handler,
    InitializeInput,
    Middleware,
    Output,
    Send,
    SerializeInput,
)

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
