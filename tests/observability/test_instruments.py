from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.metrics import NoOpMeter

from sagemaker_rt.observability.instruments import SECONDS, counter, histogram
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
    histogram(NoOpMeter("x"), "a", "What a takes.").record(0.5, {})


def test_something_is_counted() -> None:
    provider = RecordingMeterProvider()

    counter(provider.get_meter("x"), "a", "{a}", "How many there are.").add(2, {})

    assert [("a", 2, {})] == provider.points
    assert {"a": "{a}"} == provider.units


class Broken(NoOpMeter):
    """A meter that makes nothing."""

    def create_counter(self, *args: Any, **kwargs: Any) -> Any:
        raise ArithmeticError

    create_histogram = create_counter


class BrokenLater(NoOpMeter):
    """A meter whose instruments take nothing."""

    def create_counter(self, *args: Any, **kwargs: Any) -> Any:
        return self

    create_histogram = create_counter

    def add(self, amount: float, attributes: Any) -> None:
        raise ArithmeticError

    record = add


@pytest.mark.parametrize("meter", [Broken("x"), BrokenLater("x")])
def test_a_meter_that_raises_harms_nobody(meter: NoOpMeter) -> None:
    histogram(meter, "a", "What a takes.").record(0.5, {})
    counter(meter, "a", "{a}", "How many there are.").add(1, {})
