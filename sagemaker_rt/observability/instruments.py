"""How durations are measured: in seconds, with bounds that suit calls of models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sagemaker_rt.observability.provider_errors import suppress_provider_errors

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram, Meter

__all__ = ["SECONDS", "Amounts", "Durations", "counter", "histogram"]

SECONDS: Final = (
    0.00001,  # what signs, serializes or resolves takes microseconds
    0.0001,
    0.001,
    0.005,  # from here to 10, OpenTelemetry's bounds for HTTP
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
    60.0,  # the time that a model has
    480.0,  # the time that a stream has
)
"""The bounds between the buckets; OpenTelemetry's own are for milliseconds."""


class Durations:
    """A histogram that raises nothing; None stands for one that was not to be had."""

    def __init__(self, instrument: Histogram | None) -> None:
        self._instrument: Final = instrument

    def record(self, amount: float, attributes: Mapping[str, str]) -> None:
        """Add *amount*, in seconds."""
        if self._instrument is not None:
            with suppress_provider_errors("record a duration"):
                self._instrument.record(amount, attributes)


class Amounts:
    """A counter that raises nothing; None stands for one that was not to be had."""

    def __init__(self, instrument: Counter | None) -> None:
        self._instrument: Final = instrument

    def add(self, amount: int, attributes: Mapping[str, str]) -> None:
        """Count *amount* more."""
        if self._instrument is not None:
            with suppress_provider_errors("add to a counter"):
                self._instrument.add(amount, attributes)


def histogram(meter: Meter, name: str, description: str) -> Durations:
    """Return what takes durations, in seconds."""
    made = None
    with suppress_provider_errors("make a histogram"):
        made = meter.create_histogram(
            name, "s", description, explicit_bucket_boundaries_advisory=SECONDS
        )
    return Durations(made)


def counter(meter: Meter, name: str, unit: str, description: str) -> Amounts:
    """Return what takes amounts of *unit*."""
    made = None
    with suppress_provider_errors("make a counter"):
        made = meter.create_counter(name, unit, description)
    return Amounts(made)
