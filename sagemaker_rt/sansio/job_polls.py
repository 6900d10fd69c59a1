"""When the result of an asynchronous inference is looked for, and what errors mean.

::

    404, such as NoSuchKey                         the object is not there yet
    403 AccessDenied                               so, if s3:ListBucket is not granted
    a retryable error, a timeout, a lost connection  look again later
    all others, such as NoSuchBucket               the error ends the wait
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from sagemaker_rt.errors import (
    ConnectionLostError,
    RequestTimeoutError,
    S3Error,
    SageMakerRuntimeError,
    TruncatedBodyError,
)

__all__ = ["Absence", "absence_of", "poll_delay", "time_to_next_poll"]

_FIRST: Final = 1.0
_GROWTH: Final = 1.5
_LONGEST: Final = 15.0
_MAX_EXPONENT: Final = 16
_BEFORE_DEADLINE: Final = 1.0
"""Seconds before the deadline at which the last poll starts."""
_SHORTEST: Final = 0.05
_NOT_FOUND: Final = 404
_DENIED_CODES: Final = frozenset({"AccessDenied", "Forbidden"})


class Absence(Enum):
    """Why an object could not be received, if it may be received later."""

    MISSING = auto()
    DENIED = auto()
    """S3 denied access: the object may be missing."""
    INTERRUPTED = auto()
    """The request failed for a passing reason."""


def absence_of(error: SageMakerRuntimeError) -> Absence | None:
    """Return what *error* means for the wait; None if the error ends it."""
    if isinstance(error, S3Error):
        if error.http_status == _NOT_FOUND and error.code != "NoSuchBucket":
            return Absence.MISSING
        if error.code in _DENIED_CODES:
            return Absence.DENIED
    passing = (ConnectionLostError, RequestTimeoutError, TruncatedBodyError)
    if error.is_retryable or isinstance(error, passing):
        return Absence.INTERRUPTED
    return None


def poll_delay(number: int, *, chance: float) -> float:
    """Return the seconds before poll *number*, from 0.

    The delay is 1 s at most for the first one, 1.5 times as long for each further one,
    and at most 15 s. It is randomized between its half and the whole.

    Args:
        chance: A random number in [0, 1).
    """
    longest = min(_FIRST * _GROWTH ** min(number, _MAX_EXPONENT), _LONGEST)
    return longest * (0.5 + 0.5 * chance)


def time_to_next_poll(number: int, *, chance: float, time_left: float) -> float | None:
    """Return the seconds before poll *number*; None if the deadline is too near.

    A poll that would be after the deadline is made a second before it instead, or
    halfway to it.

    Args:
        chance: A random number in [0, 1).
        time_left: Seconds until the deadline.
    """
    if time_left < _SHORTEST:
        return None
    delay = poll_delay(number, chance=chance)
    if delay < time_left:
        return delay
    return max(time_left - _BEFORE_DEADLINE, time_left / 2)
