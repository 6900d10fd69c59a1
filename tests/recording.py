"""OpenTelemetry providers that record spans and measurements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.metrics import Counter, Histogram, Meter, MeterProvider, NoOpMeter
from opentelemetry.trace import (
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    TracerProvider,
    get_current_span,
)

__all__ = ["RecordedSpan", "RecordingMeterProvider", "RecordingTracerProvider"]

_ids: Final = count(1)


class RecordedSpan(Span):
    """A span that records its attributes, status and exceptions."""

    def __init__(
        self,
        name: str,
        kind: SpanKind,
        attributes: Mapping[str, Any],
        parent: SpanContext | None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.attributes: dict[str, Any] = dict(attributes)
        self.parent = parent
        self.status = Status()
        self.exceptions: list[BaseException] = []
        self.stacks: list[str] = []
        self.ends = 0
        trace_id = parent.trace_id if parent is not None else next(_ids)
        self.context = SpanContext(
            trace_id, next(_ids), is_remote=False, trace_flags=TraceFlags(1)
        )

    def end(self, end_time: int | None = None) -> None:
        self.ends += 1

    def get_span_context(self) -> SpanContext:
        return self.context

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self.attributes |= attributes

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def add_event(
        self, name: str, attributes: Any = None, timestamp: int | None = None
    ) -> None:
        raise AssertionError

    def update_name(self, name: str) -> None:
        raise AssertionError

    def is_recording(self) -> bool:
        return not self.ends

    def set_status(
        self, status: Status | StatusCode, description: str | None = None
    ) -> None:
        assert isinstance(status, Status)
        self.status = status

    def record_exception(
        self,
        exception: BaseException,
        attributes: Any = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT002 - as in the base class
    ) -> None:
        self.exceptions.append(exception)
        self.stacks.append(attributes["exception.stacktrace"])


class _RecordingTracer(Tracer):
    def __init__(self, spans: list[RecordedSpan]) -> None:
        self._spans = spans

    def start_span(  # noqa: PLR0913, PLR0917 - as in the base class
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,  # noqa: FBT002 - as in the base class
        set_status_on_exception: bool = True,  # noqa: FBT002 - as in the base class
    ) -> RecordedSpan:
        outer = get_current_span(context).get_span_context()
        parent = outer if outer.is_valid else None
        span = RecordedSpan(name, kind, attributes or {}, parent)
        self._spans.append(span)
        return span

    @contextmanager
    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Iterator[Span]:  # type: ignore[override] # it is never called
        raise AssertionError
        yield


class RecordingTracerProvider(TracerProvider):
    """Records all spans, in the order of their start."""

    def __init__(self) -> None:
        self.libraries: list[str] = []
        self.spans: list[RecordedSpan] = []

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> Tracer:
        self.libraries.append(instrumenting_module_name)
        return _RecordingTracer(self.spans)


class _RecordingCounter(Counter):
    def __init__(self, name: str, points: list[tuple[str, float, Any]]) -> None:
        self._name, self._points = name, points

    def add(
        self, amount: float, attributes: Any = None, context: Context | None = None
    ) -> None:
        self._points.append((self._name, amount, dict(attributes)))


class _RecordingHistogram(Histogram):
    def __init__(self, name: str, points: list[tuple[str, float, Any]]) -> None:
        self._name, self._points = name, points

    def record(
        self, amount: float, attributes: Any = None, context: Context | None = None
    ) -> None:
        self._points.append((self._name, amount, dict(attributes)))


class _RecordingMeter(NoOpMeter):
    def __init__(self, name: str, provider: RecordingMeterProvider) -> None:
        super().__init__(name)
        self._provider = provider

    def create_counter(
        self, name: str, unit: str = "", description: str = ""
    ) -> Counter:
        self._provider.units[name] = unit
        return _RecordingCounter(name, self._provider.points)

    def create_histogram(
        self,
        name: str,
        unit: str = "",
        description: str = "",
        *,
        explicit_bucket_boundaries_advisory: Sequence[float] | None = None,
    ) -> Histogram:
        self._provider.units[name] = unit
        self._provider.bounds[name] = explicit_bucket_boundaries_advisory
        return _RecordingHistogram(name, self._provider.points)


class RecordingMeterProvider(MeterProvider):
    """Records all measurements: name, amount, attributes."""

    def __init__(self) -> None:
        self.libraries: list[str] = []
        self.units: dict[str, str] = {}
        self.bounds: dict[str, Sequence[float] | None] = {}
        self.points: list[tuple[str, float, dict[str, str]]] = []

    def get_meter(
        self,
        name: str,
        version: str | None = None,
        schema_url: str | None = None,
        attributes: Any = None,
    ) -> Meter:
        self.libraries.append(name)
        return _RecordingMeter(name, self)

    def amounts(self, name: str) -> list[float]:
        """Return the amounts recorded for *name*."""
        return [amount for found, amount, _ in self.points if found == name]
