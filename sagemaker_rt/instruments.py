"""How durations are measured: in seconds, with bounds that suit calls of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram, Meter

__all__ = ["SECONDS", "histogram"]

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


def histogram(meter: Meter, name: str, description: str) -> Histogram:
    """Return what takes durations, in seconds."""
    return meter.create_histogram(
        name, "s", description, explicit_bucket_boundaries_advisory=SECONDS
    )
