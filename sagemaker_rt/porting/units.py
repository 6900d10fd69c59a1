"""From the units of other SDKs to those of the options.

Each raises ValueError, or TypeError, with what would have been right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from math import inf

from attrs import frozen

from sagemaker_rt.errors import SageMakerRuntimeError

__all__ = [
    "Milliseconds",
    "attempts_after",
    "attempts_or_unset",
    "backoff_of",
    "full_jitter",
    "limit_in_milliseconds",
    "milliseconds",
    "offset_in_milliseconds",
    "seconds_or_unset",
    "sockets",
    "whole",
]


def whole(value: object) -> int:
    """Take an int from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = "give an int of at least 0"
        raise ValueError(message)
    return value


def attempts_after(retries: object) -> int:
    """Count the first attempt, which *retries* leaves out."""
    return whole(retries) + 1


def attempts_or_unset(attempts: object) -> int | None:
    """Take attempts in all; 0 is unset."""
    return whole(attempts) or None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        message = "give a number of at least 0"
        raise ValueError(message)
    return value


def milliseconds(value: object) -> float:
    """Turn milliseconds into seconds."""
    return _number(value) / 1000


def limit_in_milliseconds(value: object) -> float | None:
    """Turn milliseconds into seconds; 0 is no limit."""
    return milliseconds(value) or None


def seconds_or_unset(value: object) -> float | None:
    """Take seconds; 0 is unset."""
    return _number(value) or None


@frozen
class Milliseconds:
    """A function of a retry that tells milliseconds, as a `CustomBackoff`."""

    function: Callable[[int, SageMakerRuntimeError], float]

    def __call__(self, retry: int, error: SageMakerRuntimeError) -> float:
        """Return the seconds before *retry*."""
        return self.function(retry, error) / 1000


def full_jitter(base: object) -> Mapping[str, object]:
    """Take the milliseconds of a first delay, which chance shortens to anything."""
    return {"retry_base_delay": milliseconds(base), "retry_jitter": "full"}


def backoff_of(
    function: Callable[[int, SageMakerRuntimeError], float],
) -> Milliseconds:
    """Take a function of a retry and its error that tells milliseconds."""
    if not callable(function) or iscoroutinefunction(function):
        message = "give a function, not an async one, of the retry's number and error"
        raise TypeError(message)
    return Milliseconds(function)


def offset_in_milliseconds(value: object) -> float:
    """Turn an offset, which may be less than 0, into seconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        message = "give a number of milliseconds"
        raise TypeError(message)
    return value / 1000


def sockets(value: object) -> object:
    """Take a number of connections; infinity is no limit."""
    return 0 if value == inf else value
