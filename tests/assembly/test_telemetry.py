from __future__ import annotations

import subprocess
import sys
from typing import Any, Final

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.assembly.telemetry import Telemetry
from sagemaker_rt.http import Timeouts
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.middleware.operation_serializer import OperationSerializer
from sagemaker_rt.middleware.request_id_retriever import RequestIDRetriever
from sagemaker_rt.middleware.timed_down import TimedDown
from sagemaker_rt.middleware.timed_up import TimedUp
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Options
from tests.recording import RecordingMeterProvider, RecordingTracerProvider


def telemetry(**fields: Any) -> Telemetry:
    return Telemetry(INVOKE_ENDPOINT, Options(**fields), region="eu-west-1")


def wanted(told: Telemetry) -> set[str]:
    """Return the ids of the middlewares that *told* wants."""
    all_of_them = (
        told.call_tracing(),
        told.attempt_tracing(),
        told.call_metrics(),
        told.attempt_metrics(),
        told.call_monitoring(3),
        told.attempt_monitoring(),
    )
    return {
        middleware.id
        for middleware in all_of_them
        if not isinstance(middleware, Omitted)
    }


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({}, set()),
        (
            {"tracer_provider": NoOpTracerProvider()},
            {"CallTracing", "AttemptTracing"},
        ),
        ({"meter_provider": NoOpMeterProvider()}, {"CallMetrics", "AttemptMetrics"}),
        (
            {"client_side_monitoring": True},
            {"CallMonitoring", "AttemptMonitoring"},
        ),
        (
            {"client_side_monitoring": False, "client_side_monitoring_port": 31001},
            set(),
        ),
    ],
)
def test_an_option_brings_its_middlewares(
    fields: dict[str, Any], ids: set[str]
) -> None:
    assert ids == wanted(telemetry(**fields))


def test_providers_are_told_which_library_asks() -> None:
    traces, metrics = RecordingTracerProvider(), RecordingMeterProvider()

    wanted(telemetry(tracer_provider=traces, meter_provider=metrics))

    assert (["sagemaker_rt"], ["sagemaker_rt"]) == (traces.libraries, metrics.libraries)


def test_what_takes_time_is_measured_in_its_place() -> None:
    metrics = RecordingMeterProvider()
    told = telemetry(meter_provider=metrics)
    serializer = OperationSerializer(INVOKE_ENDPOINT, Timeouts())
    deserializer = OperationDeserializer(INVOKE_ENDPOINT, max_response_bytes=1)

    down, up = told.timed(serializer), told.timed(deserializer)

    assert isinstance(down, TimedDown)
    assert isinstance(up, TimedUp)
    assert (serializer, deserializer) == (down.middleware, up.middleware)
    assert ("OperationSerializer", "OperationDeserializer") == (down.id, up.id)
    assert {
        "client.call.serialization_duration": "s",
        "client.call.deserialization_duration": "s",
    } == metrics.units


def test_other_middlewares_stay_as_they_are() -> None:
    middleware = RequestIDRetriever()
    serializer = OperationSerializer(INVOKE_ENDPOINT, Timeouts())

    assert middleware is telemetry(meter_provider=NoOpMeterProvider()).timed(middleware)
    assert serializer is telemetry().timed(serializer)


WITHOUT_API: Final = """
import sys
sys.modules["opentelemetry"] = None
from sagemaker_rt import (Client, OptionsError, with_options)

class Tracers:
    def get_tracer(self, name, version=None): ...

class Meter:
    def create_counter(self, name, unit, description): ...
    def create_histogram(self, name, unit, description, **advice): ...

class Meters:
    def get_meter(self, name, version=None): return Meter()

client = Client(environ={}, meter_provider=Meters())
print("CallMetrics" in client.stack("InvokeEndpoint").initialize)
try:
    client.stack("InvokeEndpoint", with_options(tracer_provider=Tracers()))
except OptionsError as error:
    print(error)
"""


def test_traces_need_the_api_and_metrics_do_not() -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_API], capture_output=True, text=True, check=True
    )

    assert [
        "True",
        ("tracer_provider needs opentelemetry-api: pip install 'sagemaker-rt[otel]'"),
    ] == run.stdout.splitlines()
