"""The inputs of the five steps, the output of all, and the types of functions on them.

Inputs and outputs are generic: ``InitializeInput[InvokeEndpointInput]`` is the input of
the initialize step for one operation. Without an argument, its ``params`` are ``Any``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias

from attrs import define, field

from sagemaker_rt.context import Context, Metadata
from sagemaker_rt.errors import StackError
from sagemaker_rt.frozen_value import ShownValue
from sagemaker_rt.http import Request, Response

if TYPE_CHECKING:
    # type checkers know this module, and nothing imports it
    from typing_extensions import TypeVar

    P = TypeVar("P", default=Any)
    R = TypeVar("R", default=Any)
else:
    from typing import TypeVar

    P = TypeVar("P")
    R = TypeVar("R")

__all__ = [
    "BuildInput",
    "DeserializeInput",
    "FinalizeInput",
    "Handler",
    "InitializeInput",
    "Middleware",
    "Output",
    "Send",
    "SerializeInput",
    "StepInput",
    "require_output",
]

I = TypeVar("I")


@define(eq=False, repr=False)
class InitializeInput(ShownValue, Generic[P]):
    """The input of the initialize step."""

    params: P
    """The input shape of the operation."""

    def copy(self) -> InitializeInput[P]:
        """Return an independent input; shapes are immutable."""
        return InitializeInput(self.params)


@define(eq=False, repr=False)
class SerializeInput(ShownValue, Generic[P]):
    """The input of the serialize step: the request is still empty."""

    params: P
    """The input shape of the operation."""
    request: Request

    def copy(self) -> SerializeInput[P]:
        """Return an input with a copy of the request."""
        return SerializeInput(self.params, self.request.hand_on())


@define(eq=False, repr=False)
class BuildInput(ShownValue):
    """The input of the build step: the request that all attempts start from."""

    request: Request

    def copy(self) -> BuildInput:
        """Return an input with a copy of the request."""
        return BuildInput(self.request.hand_on())


@define(eq=False, repr=False)
class FinalizeInput(ShownValue):
    """The input of the finalize step: after ``Retry``, a copy for this attempt."""

    request: Request

    def copy(self) -> FinalizeInput:
        """Return an input with a copy of the request."""
        return FinalizeInput(self.request.hand_on())


@define(eq=False, repr=False)
class DeserializeInput(ShownValue):
    """The input of the deserialize step: the signed request."""

    request: Request

    def copy(self) -> DeserializeInput:
        """Return an input with a copy of the request."""
        return DeserializeInput(self.request.hand_on())


@define(eq=False, repr=False)
class Output(ShownValue, Generic[R]):
    """The result of the handlers of all steps."""

    result: R = None  # type: ignore[assignment] # there is none yet
    """The output shape; None before the response is deserialized."""
    response: Response | None = None
    """The raw response; None if no request was sent."""
    metadata: Metadata = field(factory=Metadata)


def require_output(output: object) -> None:
    """Check *output*, which a middleware returned.

    Raises:
        StackError: It is something else, such as None after a missing ``return``.
    """
    if not isinstance(output, Output):
        kind = type(output).__name__
        message = f"a middleware returned {kind}; it must return the Output of next()"
        raise StackError(message)


class StepInput(Protocol):
    """What the inputs of all steps have in common."""

    def copy(self) -> Any:
        """Return an input whose request can be changed independently."""
        ...


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
