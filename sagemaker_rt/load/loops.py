"""How a load test decides when to make calls."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from attrs import Attribute, field, frozen

from sagemaker_rt.errors import ParamValidationError
from sagemaker_rt.sansio.arrival_times import ArrivalProcess
from sagemaker_rt.sansio.number_checks import is_finite, is_integer

__all__ = ["ClosedLoop", "Loop", "OpenLoop"]

_HIGHEST_RATE: Final = (
    200_000  # each call that is not made is counted, which takes time
)


def _reject(problem: str) -> None:
    raise ParamValidationError(problem, [problem])


def _possible_rate(_: object, attribute: Attribute[Any], value: object) -> None:
    if not (is_finite(value) and value > 0):
        _reject(f"{attribute.name} must be a positive number, not {value!r}")
    elif value > _HIGHEST_RATE:
        few = "a process makes a few thousand calls per second"
        _reject(
            f"{attribute.name} must be at most {_HIGHEST_RATE:,}, not {value!r}; {few}"
        )


def _positive_integer(_: object, attribute: Attribute[Any], value: object) -> None:
    if not is_integer(value, 1):
        _reject(f"{attribute.name} must be a positive integer, not {value!r}")


def _seed(_: object, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        _reject(f"{attribute.name} must be an integer, not {value!r}")


def _arrival_process(_: object, attribute: Attribute[Any], value: object) -> None:
    if value not in {"poisson", "uniform"}:
        _reject(f"{attribute.name} must be poisson or uniform, not {value!r}")


@frozen
class OpenLoop:
    """Calls are made at a rate, however long they take.

    This is how users behave who do not know of each other. The latency of a call is
    measured from its scheduled arrival, so that a stall of the endpoint, or of this
    process, counts for every call that was due in that time.

    Raises:
        ParamValidationError: An argument is invalid.
    """

    rate: float = field(validator=_possible_rate)
    """The mean number of calls per second, at most 200,000."""
    arrivals: ArrivalProcess = field(default="poisson", validator=_arrival_process)
    """``"poisson"`` for independent calls, or ``"uniform"`` for equal distances."""
    seed: int = field(default=0, validator=_seed)
    """The same seed gives the same arrivals; for ``"poisson"``."""
    max_in_flight: int = field(default=1000, validator=_positive_integer)
    """A call that is due while so many are in flight is dropped and counted: it is
    never made. It protects this machine; results with dropped calls are too good."""

    @property
    def limit(self) -> int:
        """The maximum number of calls in flight."""
        return self.max_in_flight


@frozen
class ClosedLoop:
    """A fixed number of callers; each makes its next call when the last one has ended.

    A slower endpoint receives fewer calls, and callers that wait in a stall make no
    calls: percentiles of latency are lower than those of an open loop.

    Raises:
        ParamValidationError: An argument is invalid.
    """

    concurrency: int = field(validator=_positive_integer)
    """The number of callers."""

    @property
    def limit(self) -> int:
        """The maximum number of calls in flight."""
        return self.concurrency


Loop: TypeAlias = OpenLoop | ClosedLoop
