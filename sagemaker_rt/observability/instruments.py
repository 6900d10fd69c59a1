"""Histograms and counters that never raise, and their attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sagemaker_rt.errors import ServiceError
from sagemaker_rt.observability.provider_errors import suppress_provider_errors

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram, Meter

__all__ = [
    "BUCKET_BOUNDS",
    "SafeCounter",
    "SafeHistogram",
    "counter",
    "error_type",
    "histogram",
]

BUCKET_BOUNDS: Final = (
    0.00001,  # signing, serialization and endpoint resolution take microseconds
    0.0001,
    0.001,
    # from 0.005 to 10: the bounds of OpenTelemetry's HTTP metrics
    0.005,
    0.01,
    0.025,
    0.05,
    0.075,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
    30.0,
    60.0,  # SageMaker's time limit for a model's response
    480.0,  # SageMaker's time limit for a streamed response
)
"""Bucket bounds of all histograms, in seconds. OpenTelemetry's default bounds are meant
for milliseconds."""


class SafeHistogram:
    """A histogram that never raises.

    Args:
        instrument: None if the provider failed to make one: nothing is recorded.
    """

    def __init__(self, instrument: Histogram | None) -> None:
        self._instrument: Final = instrument

    def record(self, amount: float, attributes: Mapping[str, str]) -> None:
        """Record an amount, such as a duration in seconds."""
        if self._instrument is not None:
            with suppress_provider_errors("record in a histogram"):
                self._instrument.record(amount, attributes)


class SafeCounter:
    """A counter that never raises.

    Args:
        instrument: None if the provider failed to make one: nothing is counted.
    """

    def __init__(self, instrument: Counter | None) -> None:
        self._instrument: Final = instrument

    def add(self, amount: int, attributes: Mapping[str, str]) -> None:
        """Increase the counter by *amount*."""
        if self._instrument is not None:
            with suppress_provider_errors("add to a counter"):
                self._instrument.add(amount, attributes)


def histogram(
    meter: Meter,
    name: str,
    description: str,
    *,
    unit: str = "s",
    bounds: Sequence[float] = BUCKET_BOUNDS,
) -> SafeHistogram:
    """Make a histogram, by default of durations in seconds."""
    instrument = None  # if the provider fails
    with suppress_provider_errors("make a histogram"):
        instrument = meter.create_histogram(
            name, unit, description, explicit_bucket_boundaries_advisory=bounds
        )
    return SafeHistogram(instrument)


def counter(meter: Meter, name: str, unit: str, description: str) -> SafeCounter:
    """Make a counter; *unit* is in OpenTelemetry's notation: ``{attempt}``."""
    instrument = None  # if the provider fails
    with suppress_provider_errors("make a counter"):
        instrument = meter.create_counter(name, unit, description)
    return SafeCounter(instrument)


def error_type(error: BaseException) -> str:
    """Return the service's error code of *error*, else the name of its class."""
    return error.code if isinstance(error, ServiceError) else type(error).__name__
