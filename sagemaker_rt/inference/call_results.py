"""Results and progress of many calls."""

from __future__ import annotations

from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import frozen

__all__ = ["CallProgress", "CallResult", "OnError"]

I = TypeVar("I")
O = TypeVar("O")

OnError: TypeAlias = Literal["raise", "collect", "skip"]
"""What is done with a failed call: raise its error, yield its result, or skip it."""


@frozen(repr=False)
class CallResult(Generic[I, O]):
    """The result of one of many calls."""

    index: int
    """The position of the input, from 0."""
    input: I
    """The input, as the iterable yielded it."""
    _output: O | None = None
    error: Exception | None = None
    """The exception that the call raised; None if it succeeded."""

    @property
    def succeeded(self) -> bool:
        """Whether the call returned an output."""
        return self.error is None

    @property
    def output(self) -> O:
        """The output of the call.

        Raises:
            Exception: The call failed; the exception is `error`.
        """
        if self.error is not None:
            raise self.error
        return self._output  # type: ignore[return-value] # None is a value of O here

    def __repr__(self) -> str:
        """Return a text without input and output, which may be large or secret."""
        outcome = (
            f"output=<{type(self._output).__name__}>"
            if self.error is None
            else f"error={self.error!r}"
        )
        kind = type(self.input).__name__
        return f"CallResult(index={self.index}, input=<{kind}>, {outcome})"


@frozen
class CallProgress:
    """The progress of many calls."""

    done: int
    """The number of finished calls, including failed ones."""
    failed: int
    """The number of failed calls."""
    in_flight: int
    """The number of calls that have started and have not finished."""
    total: int | None
    """The number of inputs; None if the iterable has no length."""
