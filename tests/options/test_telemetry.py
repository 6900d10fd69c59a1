from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.errors import OptionsError
from sagemaker_rt.options.telemetry import TelemetryOptions

TRACERS = NoOpTracerProvider()
METERS = NoOpMeterProvider()


def test_telemetry_is_off_by_default() -> None:
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
    "fields",
    [
        {"tracer_provider": "otel"},
        {"meter_provider": 1},
        {"client_side_monitoring": "yes"},
        {"client_side_monitoring_host": 1},
        {"client_side_monitoring_port": 0},
        {"client_side_monitoring_port": 65536},
        {"client_side_monitoring_client_id": "a" * 256},
    ],
)
def test_an_invalid_value_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionsError) as caught:
        TelemetryOptions(**fields)

    name, value = next(iter(fields.items()))
    assert name in str(caught.value)
    assert repr(value) in str(caught.value) or len(str(value)) > 200
