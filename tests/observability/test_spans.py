from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode

from sagemaker_rt.errors import (
    ConnectionLostError,
    CredentialsError,
    ModelError,
    UnknownServiceError,
)
from sagemaker_rt.observability.instruments import error_type
from sagemaker_rt.observability.spans import (
    end_span,
    record_error,
    record_response,
    set_attributes,
    start_span,
)
from tests.recording import RecordedSpan


def make_span() -> RecordedSpan:
    return RecordedSpan("a span", SpanKind.CLIENT, {}, None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"request_id": "r-1", "http_status": 200},
            {"aws.request_id": "r-1", "http.response.status_code": 200},
        ),
        ({"request_id": None, "http_status": None}, {}),
    ],
)
def test_known_facts_of_a_response_are_recorded(
    facts: dict[str, Any], expected: dict[str, object]
) -> None:
    span = make_span()

    record_response(span, **facts)

    assert expected == span.attributes
    assert StatusCode.UNSET == span.status.status_code


def test_an_error_is_recorded_with_its_response() -> None:
    span, error = make_span(), ModelError("no", http_status=424, request_id="r-1")

    record_error(span, error)

    assert {
        "aws.request_id": "r-1",
        "http.response.status_code": 424,
        "error.type": "ModelError",
    } == span.attributes
    assert (StatusCode.ERROR, "ModelError") == (
        span.status.status_code,
        span.status.description,
    )
    assert [error] == span.exceptions


def test_causes_of_an_error_are_not_recorded() -> None:
    span, error = make_span(), CredentialsError("no credentials")
    error.__cause__ = ValueError("a-secret")

    record_error(span, error)

    (stack,) = span.stacks

    assert "CredentialsError: no credentials" in stack
    assert "a-secret" not in stack


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyError("a-secret")])
def test_only_the_type_of_a_foreign_error_is_recorded(error: BaseException) -> None:
    span = make_span()

    record_error(span, error)

    assert StatusCode.ERROR == span.status.status_code
    assert [] == span.exceptions


class Broken(RecordedSpan):
    """A span whose methods raise; it remembers which were called."""

    def __init__(self) -> None:
        super().__init__("a span", SpanKind.CLIENT, {}, None)
        self.called: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in {"set_attribute", "set_status", "record_exception", "end"}:
            self.called.append(name)
            raise ArithmeticError
        return super().__getattribute__(name)


def test_the_remaining_methods_of_a_span_that_raises_are_called() -> None:
    span = Broken()

    set_attributes(span, {"a": 1})
    record_error(span, ModelError("no"))
    end_span(span)

    others = [name for name in span.called if name != "set_attribute"]
    assert ["set_status", "record_exception", "end"] == others


def test_a_tracer_that_raises_gives_a_span_that_records_nothing() -> None:
    class Tracer(NoOpTracer):
        def start_span(self, *args: Any, **kwargs: Any) -> Any:
            raise ArithmeticError

    started = start_span(Tracer(), "a span", {})

    assert not started.is_recording()


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (UnknownServiceError("slower", code="Throttling"), "Throttling"),
        (ConnectionLostError("reset"), "ConnectionLostError"),
        (asyncio.CancelledError(), "CancelledError"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_an_error_has_a_type(error: BaseException, name: str) -> None:
    span = make_span()

    record_error(span, error)

    assert name == error_type(error)
    assert {"error.type": name} == span.attributes
