from __future__ import annotations

from opentelemetry.metrics import NoOpMeter

from sagemaker_rt.instruments import SECONDS, histogram
from tests.recording import RecordingMeterProvider


def test_a_duration_is_measured_in_seconds() -> None:
    provider = RecordingMeterProvider()

    histogram(provider.get_meter("x"), "a", "What a takes.").record(0.5, {})

    assert [("a", 0.5, {})] == provider.points
    assert {"a": "s"} == provider.units
    assert {"a": SECONDS} == provider.bounds


def test_the_bounds_rise() -> None:
    assert sorted({*SECONDS}) == [*SECONDS]


def test_a_meter_of_the_api_takes_them() -> None:
    histogram(NoOpMeter("x"), "a", "What a takes.").record(0.5)
