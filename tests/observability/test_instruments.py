from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.metrics import NoOpMeter

from sagemaker_rt.errors import UnknownServiceError
from sagemaker_rt.observability.instruments import (
    BUCKET_BOUNDS,
    counter,
    error_type,
    histogram,
)
from tests.recording import RecordingMeterProvider


def test_a_duration_is_recorded_in_seconds() -> None:
    provider = RecordingMeterProvider()

    histogram(provider.get_meter("x"), "a", "Duration of a.").record(0.5, {})

    assert [("a", 0.5, {})] == provider.points
    assert {"a": "s"} == provider.units
    assert {"a": BUCKET_BOUNDS} == provider.bounds


def test_a_histogram_may_have_another_unit_and_other_buckets() -> None:
    provider = RecordingMeterProvider()

    histogram(provider.get_meter("x"), "a", "A.", unit="{a}", bounds=(1, 4)).record(
        3, {}
    )

    assert [("a", 3, {})] == provider.points
    assert {"a": "{a}"} == provider.units
    assert {"a": (1, 4)} == provider.bounds


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (UnknownServiceError("slower", code="Throttling"), "Throttling"),
        (asyncio.CancelledError(), "CancelledError"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_an_error_has_a_type(error: BaseException, name: str) -> None:
    assert name == error_type(error)


def test_the_bucket_bounds_are_ascending() -> None:
    assert sorted({*BUCKET_BOUNDS}) == [*BUCKET_BOUNDS]


def test_a_histogram_works_with_a_meter_of_opentelemetry() -> None:
    histogram(NoOpMeter("x"), "a", "Duration of a.").record(0.5, {})


def test_a_counter_adds_amounts() -> None:
    provider = RecordingMeterProvider()

    counter(provider.get_meter("x"), "a", "{a}", "Number of a.").add(2, {})

    assert [("a", 2, {})] == provider.points
    assert {"a": "{a}"} == provider.units


class Broken(NoOpMeter):
    """A meter whose methods raise."""

    def create_counter(self, *args: Any, **kwargs: Any) -> Any:
        raise ArithmeticError

    create_histogram = create_counter


class BrokenInstruments(NoOpMeter):
    """A meter whose instruments raise."""

    def create_counter(self, *args: Any, **kwargs: Any) -> Any:
        return self

    create_histogram = create_counter

    def add(self, amount: float, attributes: Any) -> None:
        raise ArithmeticError

    record = add


@pytest.mark.parametrize("meter", [Broken("x"), BrokenInstruments("x")])
def test_exceptions_of_a_meter_are_suppressed(meter: NoOpMeter) -> None:
    histogram(meter, "a", "Duration of a.").record(0.5, {})
    counter(meter, "a", "{a}", "Number of a.").add(1, {})
