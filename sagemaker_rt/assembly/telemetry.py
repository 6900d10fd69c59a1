"""From telemetry options to middleware: traces, metrics, client-side monitoring.

A middleware and the libraries that it needs are imported only if an option enables it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar

from sagemaker_rt.assembly.omitted import Omitted
from sagemaker_rt.errors import OptionsError
from sagemaker_rt.observability.duration_metric import DurationMetric
from sagemaker_rt.operations import SERVICE_ID, Operation
from sagemaker_rt.options import Options
from sagemaker_rt.stack import Middleware

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Tracer

    from sagemaker_rt.middleware.attempt_metrics import AttemptMetrics
    from sagemaker_rt.middleware.attempt_monitoring import AttemptMonitoring
    from sagemaker_rt.middleware.attempt_tracing import AttemptTracing
    from sagemaker_rt.middleware.call_metrics import CallMetrics
    from sagemaker_rt.middleware.call_monitoring import CallMonitoring
    from sagemaker_rt.middleware.call_tracing import CallTracing
    from sagemaker_rt.sansio.client_side_monitoring import MonitoredClient
    from sagemaker_rt.transport.udp_sender import UDPSender

__all__ = ["Telemetry"]

I = TypeVar("I")
T = TypeVar("T")

_LIBRARY: Final = "sagemaker_rt"
_NO_TRACER: Final = "tracer_provider is not set"
_NO_METER: Final = "meter_provider is not set"
_NO_MONITORING: Final = "client_side_monitoring is off"
_MONITORING_HOST: Final = "127.0.0.1"
_MONITORING_PORT: Final = 31000


class Telemetry:
    """Makes the telemetry middleware for *operation*, according to *options*.

    Exceptions of a tracer or meter provider are logged and suppressed: telemetry never
    fails a call.

    Args:
        region: The region that calls are signed for; None if they are not signed.

    Raises:
        OptionsError: A tracer provider is set, and opentelemetry-api is not installed.
    """

    def __init__(
        self, operation: Operation, options: Options, *, region: str | None
    ) -> None:
        self._region: Final = region
        self._operation: Final = operation.name
        self._clock: Final = options.clock
        self._options: Final = options.telemetry

    def call_tracing(self) -> CallTracing | Omitted:
        """Return the middleware that makes a span per call."""
        if (tracer := self._tracer) is None:
            return Omitted("CallTracing", _NO_TRACER)
        from sagemaker_rt.middleware.call_tracing import (  # noqa: PLC0415 - an extra
            CallTracing,
        )

        return CallTracing(tracer, self._operation)

    def attempt_tracing(self) -> AttemptTracing | Omitted:
        """Return the middleware that makes a span per attempt."""
        if (tracer := self._tracer) is None:
            return Omitted("AttemptTracing", _NO_TRACER)
        from sagemaker_rt.middleware.attempt_tracing import (  # noqa: PLC0415 - an extra
            AttemptTracing,
        )

        return AttemptTracing(tracer)

    def call_metrics(self) -> CallMetrics | Omitted:
        """Return the middleware that measures calls."""
        if (meter := self._meter) is None:
            return Omitted("CallMetrics", _NO_METER)
        from sagemaker_rt.middleware.call_metrics import (  # noqa: PLC0415 - if it is on
            CallMetrics,
        )

        return CallMetrics(meter, self._operation)

    def attempt_metrics(self) -> AttemptMetrics | Omitted:
        """Return the middleware that measures attempts."""
        if (meter := self._meter) is None:
            return Omitted("AttemptMetrics", _NO_METER)
        from sagemaker_rt.middleware.attempt_metrics import (  # noqa: PLC0415 - if it is on
            AttemptMetrics,
        )

        return AttemptMetrics(meter, self._operation)

    def timed(self, middleware: Middleware[I]) -> Middleware[I]:
        """Return *middleware*, measured if its class declares a `DurationMetric`."""
        metric = getattr(middleware, "duration_metric", None)
        if not isinstance(metric, DurationMetric) or (meter := self._meter) is None:
            return middleware
        from sagemaker_rt.middleware.measure_after_next import (  # noqa: PLC0415 - if it is on
            MeasureAfterNext,
        )
        from sagemaker_rt.middleware.measure_before_next import (  # noqa: PLC0415 - if it is on
            MeasureBeforeNext,
        )
        from sagemaker_rt.observability.instruments import (  # noqa: PLC0415 - if it is on
            histogram,
        )

        id = getattr(middleware, "id", type(middleware).__name__)
        attributes = {"rpc.service": SERVICE_ID, "rpc.method": self._operation}
        if metric.part == "before_next":
            taken = histogram(meter, metric.name, f"{id}, before the next middleware.")
            return MeasureBeforeNext(middleware, taken, attributes, id=id)
        taken = histogram(meter, metric.name, f"{id}, after the next middleware.")
        return MeasureAfterNext(middleware, taken, attributes, id=id)

    def call_monitoring(self, max_attempts: int) -> CallMonitoring | Omitted:
        """Return the middleware that reports each call to a monitoring agent."""
        if not self._options.client_side_monitoring:
            return Omitted("CallMonitoring", _NO_MONITORING)
        from sagemaker_rt.middleware.call_monitoring import (  # noqa: PLC0415 - if it is on
            CallMonitoring,
        )

        return CallMonitoring(
            self._monitored,
            self._sender.send,
            self._clock,
            max_attempts=max_attempts,
        )

    def attempt_monitoring(self) -> AttemptMonitoring | Omitted:
        """Return the middleware that reports attempts to an agent."""
        if not self._options.client_side_monitoring:
            return Omitted("AttemptMonitoring", _NO_MONITORING)
        from sagemaker_rt.middleware.attempt_monitoring import (  # noqa: PLC0415 - if it is on
            AttemptMonitoring,
        )

        return AttemptMonitoring(self._monitored, self._sender.send, self._clock)

    @cached_property
    def _tracer(self) -> Tracer | None:
        provider = self._options.tracer_provider
        if provider is None:
            return None
        try:
            import_module("opentelemetry.trace")  # an extra
        except ImportError as error:
            message = (
                "tracer_provider needs opentelemetry-api: "
                "pip install 'sagemaker-rt[otel]'"
            )
            raise OptionsError(message) from error
        return _made(lambda: provider.get_tracer(_LIBRARY), "make a tracer")

    @cached_property
    def _meter(self) -> Meter | None:
        provider = self._options.meter_provider
        if provider is None:
            return None
        return _made(lambda: provider.get_meter(_LIBRARY), "make a meter")

    @cached_property
    def _monitored(self) -> MonitoredClient:
        from sagemaker_rt.sansio.client_side_monitoring import MonitoredClient  # noqa: PLC0415 - if it is on

        client_id = self._options.client_side_monitoring_client_id or ""
        return MonitoredClient(client_id, SERVICE_ID, self._region)

    @cached_property
    def _sender(self) -> UDPSender:
        from sagemaker_rt.transport.udp_sender import (  # noqa: PLC0415 - if it is on
            UDPSender,
        )

        return UDPSender(
            self._options.client_side_monitoring_host or _MONITORING_HOST,
            self._options.client_side_monitoring_port or _MONITORING_PORT,
        )


def _made(make: Callable[[], T], action: str) -> T | None:
    """Return what a provider makes; None if it fails, which is logged."""
    from sagemaker_rt.observability.provider_errors import (  # noqa: PLC0415 - if it is on
        suppress_provider_errors,
    )

    with suppress_provider_errors(action):
        return make()
    return None
