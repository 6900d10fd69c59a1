from __future__ import annotations

import subprocess
import sys
from typing import Any, Final

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.assembly.telemetry import Telemetry
from sagemaker_rt.client import Client
from sagemaker_rt.http import Endpoint
from sagemaker_rt.identity import Credentials, Token
from sagemaker_rt.middleware.bearer_signing import BearerSigning
from sagemaker_rt.middleware.get_identity import GetIdentity
from sagemaker_rt.middleware.measure_after_next import MeasureAfterNext
from sagemaker_rt.middleware.measure_before_next import MeasureBeforeNext
from sagemaker_rt.middleware.operation_deserializer import OperationDeserializer
from sagemaker_rt.middleware.operation_serializer import OperationSerializer
from sagemaker_rt.middleware.request_id_retriever import RequestIDRetriever
from sagemaker_rt.middleware.resolve_endpoint import ResolveEndpoint
from sagemaker_rt.middleware.resolve_endpoint_v2 import ResolveEndpointV2
from sagemaker_rt.middleware.signing import Signing
from sagemaker_rt.operations import INVOKE_ENDPOINT
from sagemaker_rt.options import Options
from tests.recording import RecordingMeterProvider, RecordingTracerProvider


def telemetry(**fields: Any) -> Telemetry:
    return Telemetry(INVOKE_ENDPOINT, Options(**fields), region="eu-west-1")


class StaticToken:
    """A token provider."""

    async def retrieve(self) -> Token:
        return Token("a-token")


def included(telemetry: Telemetry) -> set[str]:
    """Return the ids of the middlewares that *telemetry* includes."""
    all_of_them = (
        telemetry.call_tracing(),
        telemetry.attempt_tracing(),
        telemetry.call_metrics(),
        telemetry.attempt_metrics(),
        telemetry.call_monitoring(3),
        telemetry.attempt_monitoring(),
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
    assert ids == included(telemetry(**fields))


def test_providers_are_told_which_library_asks() -> None:
    traces, metrics = RecordingTracerProvider(), RecordingMeterProvider()

    included(telemetry(tracer_provider=traces, meter_provider=metrics))

    assert (["sagemaker_rt"], ["sagemaker_rt"]) == (traces.libraries, metrics.libraries)


BEFORE, AFTER = MeasureBeforeNext, MeasureAfterNext


@pytest.mark.parametrize(
    ("step", "id", "measured_by", "metric"),
    [
        ("serialize", "ResolveEndpoint", BEFORE, "resolve_endpoint_duration"),
        ("serialize", "OperationSerializer", BEFORE, "serialization_duration"),
        ("finalize", "GetIdentity", BEFORE, "auth.resolve_identity_duration"),
        ("finalize", "ResolveEndpointV2", BEFORE, "resolve_endpoint_duration"),
        ("finalize", "Signing", BEFORE, "auth.signing_duration"),
        ("deserialize", "OperationDeserializer", AFTER, "deserialization_duration"),
    ],
)
@pytest.mark.parametrize("scheme", ["sigv4", "bearer"])
def test_a_middleware_that_takes_time_is_measured_in_its_place(
    scheme: str, step: str, id: str, measured_by: type[Any], metric: str
) -> None:
    meters = RecordingMeterProvider()
    identity: dict[str, Any] = {
        "sigv4": {"credentials": Credentials("AKIDEXAMPLE", "a-secret")},
        "bearer": {"token_provider": StaticToken()},
    }
    client = Client(
        environ={},
        region="eu-west-1",
        meter_provider=meters,
        endpoint_resolver=lambda region, options: Endpoint("https://example.com"),
        **identity[scheme],
    )

    stack = client.stack("InvokeEndpoint")

    assert isinstance(getattr(stack, step).get(id), measured_by)
    assert "s" == meters.units[f"client.call.{metric}"]


def test_each_measured_middleware_declares_its_metric() -> None:
    """The names are public: dashboards depend on them."""
    assert {
        OperationSerializer: ("client.call.serialization_duration", "before_next"),
        ResolveEndpoint: ("client.call.resolve_endpoint_duration", "before_next"),
        ResolveEndpointV2: ("client.call.resolve_endpoint_duration", "before_next"),
        GetIdentity: ("client.call.auth.resolve_identity_duration", "before_next"),
        Signing: ("client.call.auth.signing_duration", "before_next"),
        BearerSigning: ("client.call.auth.signing_duration", "before_next"),
        OperationDeserializer: ("client.call.deserialization_duration", "after_next"),
    } == {
        middleware: middleware.duration_metric
        for middleware in (
            OperationSerializer,
            ResolveEndpoint,
            ResolveEndpointV2,
            GetIdentity,
            Signing,
            BearerSigning,
            OperationDeserializer,
        )
    }


def test_other_middlewares_are_not_measured() -> None:
    middleware = RequestIDRetriever()
    serializer = OperationSerializer(INVOKE_ENDPOINT)

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
