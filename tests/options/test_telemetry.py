from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options import Option, Options, with_options
from sagemaker_rt.options.telemetry import TelemetryOptions

TRACERS = NoOpTracerProvider()
METERS = NoOpMeterProvider()


def test_by_default_nobody_is_told_anything() -> None:
    options = TelemetryOptions()

    assert options == TelemetryOptions(
        tracer_provider=None,
        meter_provider=None,
        client_side_monitoring=None,
        client_side_monitoring_host=None,
        client_side_monitoring_port=None,
        client_side_monitoring_client_id=None,
    )


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        (with_options(tracer_provider=TRACERS), "tracer_provider", TRACERS),
        (with_options(meter_provider=METERS), "meter_provider", METERS),
        (with_options(client_side_monitoring=True), "client_side_monitoring", True),
        (with_options(client_side_monitoring=False), "client_side_monitoring", False),
        (
            with_options(client_side_monitoring_host="localhost"),
            "client_side_monitoring_host",
            "localhost",
        ),
        (
            with_options(client_side_monitoring_port=65535),
            "client_side_monitoring_port",
            65535,
        ),
        (
            with_options(client_side_monitoring_client_id="a" * 255),
            "client_side_monitoring_client_id",
            "a" * 255,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "",
)
def test_an_option_is_in_its_group(option: Option, name: str, value: object) -> None:
    assert value == getattr(option(Options()).telemetry, name)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"tracer_provider": "otel"},
            "tracer_provider must be an object with a method get_tracer(): 'otel'",
        ),
        (
            {"meter_provider": 1},
            "meter_provider must be an object with a method get_meter(): 1",
        ),
        (
            {"client_side_monitoring": "yes"},
            "client_side_monitoring must be True or False: 'yes'",
        ),
        (
            {"client_side_monitoring_host": 1},
            "client_side_monitoring_host must be of type str: 1",
        ),
        (
            {"client_side_monitoring_port": 0},
            "client_side_monitoring_port must be an int of at least 1: 0",
        ),
        (
            {"client_side_monitoring_port": 65536},
            "client_side_monitoring_port must be at most 65535: 65536",
        ),
        (
            {"client_side_monitoring_client_id": "a" * 256},
            "client_side_monitoring_client_id must have at most 255 characters",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionsError) as caught:
        TelemetryOptions(**fields)

    assert message == str(caught.value)
